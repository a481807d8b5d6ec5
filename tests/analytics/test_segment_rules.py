"""Rules as plain values: stored and read, from a form and edited, which inputs a fault shows. No database."""

from hypothesis import given
from hypothesis import strategies as st

from erpcrm.analytics.rules import Condition, Group, conditions, edited, faults, from_form, holds, name_of, plain, read

TEXT = st.text("abc 客户5", max_size=5)
CONDITIONS = st.builds(
    Condition,
    field=st.sampled_from(["customer.name", "purchases.count"]),
    operator=st.sampled_from(["has", "min"]),
    values=st.lists(TEXT, max_size=3).map(tuple),
    days=st.sampled_from(["", "30"]),
    label=TEXT,
)
GROUPS = st.recursive(
    st.builds(Group, st.sampled_from(["all", "any", "none"]), st.lists(CONDITIONS, max_size=3).map(tuple)),
    lambda inner: st.builds(
        Group, st.sampled_from(["all", "any", "none"]), st.lists(CONDITIONS | inner, min_size=1, max_size=3).map(tuple)
    ),
    max_leaves=4,
)


def sent(node: Group | Condition, path: tuple[int, ...] = ()) -> list[tuple[str, str]]:
    """What a form sends of a rule."""
    place = name_of(path)
    if isinstance(node, Condition):
        values = [(f"v.{place}", value) for value in node.values]
        return [(f"f.{place}", node.field), (f"o.{place}", node.operator), *values, (f"d.{place}", node.days)]
    below = [pair for at, item in enumerate(node.items) for pair in sent(item, (*path, at))]
    return [(f"g.{place}", node.op), *below]


@given(GROUPS)
def test_a_rule_is_read_as_it_was_stored(rule: Group) -> None:
    if "deep" not in faults(rule):
        assert read(plain(rule)) == rule


@given(GROUPS)
def test_a_form_sends_the_rule_that_it_shows(rule: Group) -> None:
    def tidy(node: Group | Condition) -> Group | Condition:
        if isinstance(node, Group):
            return Group(node.op, tuple(tidy(item) for item in node.items))
        values = tuple(dict.fromkeys(value.strip() for value in node.values if value.strip()))
        return Condition(node.field, node.operator, values, node.days)

    if "deep" not in faults(rule):
        assert from_form(sent(rule)) == tidy(rule)


def test_buttons_add_and_remove_at_their_place() -> None:
    fresh, other = Condition("a"), Condition("b")
    rule = Group("all", (fresh, Group("any", (other,))))
    assert edited(rule, "add:", other) == Group("all", (*rule.items, other))
    assert edited(rule, "add:1", fresh) == Group("all", (fresh, Group("any", (other, fresh))))
    assert edited(rule, "group:1", fresh) == Group("all", (fresh, Group("any", (other, Group("any", (fresh,))))))
    assert edited(rule, "remove:1.0", fresh) == Group("all", (fresh, Group("any", ())))
    assert edited(rule, "remove:0", fresh) == Group("all", (rule.items[1],))
    for nonsense in ("", "add", "add:9", "add:0", "remove:", "remove:7.7", "drop:0", "add:x", "add:1.0"):
        assert edited(rule, nonsense, fresh) == (rule if nonsense != "add" else Group("all", (*rule.items, fresh)))


def test_values_typed_for_another_field_are_forgotten() -> None:
    pairs = [("g.", "any"), ("f.0", "customer.region"), ("k.0", "customer.industry"), ("o.0", "any"), ("v.0", "food")]
    assert from_form(pairs) == Group("any", (Condition("customer.region"),))
    assert from_form([("g.", "odd"), ("f.0.x", "a"), ("f.0.1.2.3.4.5.6", "a"), ("name", "b"), ("v", "c")]) == Group()


def test_a_group_without_conditions_is_a_fault_and_never_everybody() -> None:
    assert faults(Group()) == {"empty"}
    assert faults(Group("all", (Condition("a"), Group("none")))) == {"empty"}
    assert faults(Group("all", (Condition("a"),) * 41)) == {"many"}
    deep = Group("all", (Condition("a"),))
    for _n in range(5):
        deep = Group("all", (deep,))
    assert "deep" in faults(deep)
    assert len(list(conditions(Group("any", (Condition("a"), Group("all", (Condition("b"),))))))) == 2


def test_none_of_a_group_holds_when_nothing_in_it_does() -> None:
    true, false = Condition("true"), Condition("false")
    for op, items, expected in (
        ("all", (true, true), True),
        ("all", (true, false), False),
        ("any", (false, true), True),
        ("any", (false, false), False),
        ("none", (false, false), True),
        ("none", (true, false), False),
    ):
        assert holds(Group(op, items), lambda one: one.field == "true") is expected
