"""Attribution, uplift, draws and the writing of mails: arithmetic without a database."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpcrm.marketing.attribution import MODELS, credited, roi, time_decay
from erpcrm.marketing.drawing import control_size, drawn
from erpcrm.marketing.merging_fields import filled, first_name, unknown_fields
from erpcrm.marketing.scanners import is_machine, is_too_quick, swept_along
from erpcrm.marketing.uplift import Group, needed_each, uplift, wilson
from erpcrm.marketing.writing import links_of, to_html, to_text, wrong_links

SALE = datetime(2026, 3, 29, 12, tzinfo=UTC)
BROWSER = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/128.0"}


def before(*days: int) -> list[datetime]:
    return [SALE - timedelta(days=day) for day in days]


@pytest.mark.parametrize(
    ("model", "weights"),
    [
        ("first", ["1", "0", "0", "0"]),
        ("last", ["0", "0", "0", "1"]),
        ("linear", ["0.25", "0.25", "0.25", "0.25"]),
        ("position", ["0.4", "0.1", "0.1", "0.4"]),
        # 28, 14, 7 and 0 days with a half-life of 7: 1/16, 1/4, 1/2 and 1 of 29/16.
        ("decay", ["0.034483", "0.137931", "0.275862", "0.551724"]),
    ],
)
def test_four_touches_are_credited_as_worked_out_by_hand(model, weights):
    assert MODELS[model](before(28, 14, 7, 0), SALE) == [Decimal(weight) for weight in weights]


def test_one_touch_gets_all_and_of_two_by_position_each_half():
    assert all(weigh(before(3), SALE) == [1] for weigh in MODELS.values())
    assert MODELS["position"](before(3, 1), SALE) == [Decimal("0.5")] * 2
    assert all(weigh([], SALE) == [] for weigh in MODELS.values())


def test_the_half_life_is_what_it_says_however_long_ago_it_all_was():
    weights = time_decay(before(4030, 4000), SALE, timedelta(days=30))
    assert weights == [Decimal("0.333333"), Decimal("0.666667")]


@given(
    days=st.lists(st.integers(0, 4000), min_size=1, max_size=40),
    amount=st.decimals("0.01", "9999999", places=2),
    model=st.sampled_from(sorted(MODELS)),
)
def test_weights_sum_to_exactly_one_and_shares_to_exactly_the_amount(days, amount, model):
    weights = MODELS[model](sorted(before(*days)), SALE)
    assert sum(weights) == 1
    assert min(weights) >= 0
    assert sum(credited(amount, weights)) == amount


def test_return_on_investment_is_margin_less_cost_over_cost_and_nothing_of_nothing():
    assert roi(Decimal(15000), Decimal(12000)) == Decimal("0.25")
    assert roi(Decimal(3000), Decimal(12000)) == Decimal("-0.75")
    assert roi(Decimal(3000), Decimal(0)) is None


def test_the_interval_is_that_of_newcombes_paper():
    """56 of 70 against 48 of 80: 0.0524 to 0.3339 in the paper's table II, method 10, column (a)."""
    found = uplift(Group(70, 56), Group(80, 48))
    assert round(found.difference, 4) == 0.2
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)
    assert found.tells == "more"
    low, high = wilson(Group(263, 81))  # table I of the paper on single proportions
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


def test_too_few_people_tell_nothing_whatever_they_did():
    assert uplift(Group(29, 29), Group(1000, 1)).tells == "too_small"
    assert uplift(Group(500, 0), Group(500, 0)).tells == "too_small"
    assert uplift(Group(40, 5), Group(40, 4)).tells == "none"
    assert uplift(Group(400, 5), Group(400, 60)).tells == "less"
    with pytest.raises(ValueError, match="between 0"):
        Group(3, 4)


def test_how_many_are_needed_is_what_the_textbook_says():
    """0.6 against 0.5 at 5 % and 80 %: 388 in each group without the correction for continuity (Fleiss)."""
    assert needed_each(0.6, 0.5) == 388
    assert needed_each(0.1, 0.1) is None


def test_the_draw_is_fair_in_size_and_the_same_for_the_same_seed_in_any_order():
    keys = [f"contact-{number}" for number in range(101)]
    draw = drawn(keys, 10, 7, halves=True)
    assert draw == drawn(keys[::-1], 10, 7, halves=True)
    assert draw != drawn(keys, 10, 8, halves=True)
    sizes = [list(draw.values()).count(part) for part in ("control", "a", "b")]
    assert sizes == [10, 46, 45]
    assert [control_size(count, percent) for count, percent in ((0, 10), (1, 50), (5, 10), (4, 10))] == [0, 0, 1, 0]


def test_fields_are_known_in_both_languages_and_unknown_ones_are_named():
    values = {"first name": "Dana", "company": ""}
    assert filled("Hi {{ First  Name }} of {{公司 | your plant}}{{owner}}", values) == "Hi Dana of your plant"
    assert unknown_fields("{{first name}} {{名字}}", "{{shoe size}} {{shoe size}} {{company") == ["shoe size", "{{"]
    assert (first_name("Dana Whitfield"), first_name("欧阳娜娜"), first_name(" ")) == ("Dana", "欧阳娜娜", "")


def test_nothing_but_our_own_tags_gets_into_a_mail():
    body = '# Hi <script>\n\n- **a** & b\n- *c*\n\n[x"><b>](https://e.com/?a=1&b=") [bad](javascript:alert(1)) 2*3*4'
    html = to_html(body)
    assert "<h2>Hi &lt;script&gt;</h2>" in html
    assert "<ul><li><strong>a</strong> &amp; b</li><li><em>c</em></li></ul>" in html
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert "2*3*4" in html
    assert wrong_links("[a](javascript:x) [b](https://e.com/{{name}}) [c](https://e.com)") == [
        "javascript:x",
        "https://e.com/{{name}}",
    ]


def test_links_lead_where_they_are_told_and_plain_text_shows_them():
    body = "**Look** [here](https://e.com/a) and [there](https://e.com/b)\n\n# End"
    assert links_of(body) == ["https://e.com/a", "https://e.com/b"]
    assert to_html(body, lambda url: f"https://t/{len(url)}&").count('href="https://t/15&amp;"') == 2
    assert to_text(body) == "Look here (https://e.com/a) and there (https://e.com/b)\n\nEnd"


def test_machines_say_so_are_too_quick_or_sweep_through_all_links():
    assert not is_machine("GET", BROWSER)
    assert not is_machine("GET", {"User-Agent": "Mozilla/5.0 (via ggpht.com GoogleImageProxy)"})
    for method, headers in (
        ("HEAD", BROWSER),
        ("GET", {}),
        ("GET", BROWSER | {"Sec-Purpose": "prefetch;prerender"}),
        ("GET", {"User-Agent": "Barracuda Sentinel (EE)"}),
        ("GET", {"User-Agent": "python-requests/2.31"}),
    ):
        assert is_machine(method, headers), (method, headers)
    assert is_too_quick(SALE + timedelta(seconds=4), SALE)
    assert not is_too_quick(SALE + timedelta(seconds=5), SALE)
    assert is_too_quick(SALE, None)
    earlier = [(SALE - timedelta(seconds=2), 1), (SALE - timedelta(seconds=60), 2)]
    assert swept_along(SALE, 3, earlier) == [0]
    assert swept_along(SALE, 1, earlier) == []  # the same link twice is an impatient person
