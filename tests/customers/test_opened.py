"""What a user opened last, on My day and in the palette."""

from tests.factories.customers import a_customer

PALETTE = {"HX-Request": "true", "HX-Target": "div#palette_list"}


def test_what_was_opened_last_stands_first_and_once(as_seller, session, seller):
    first, second = a_customer(seller, name="First Harbour"), a_customer(seller, name="Second Harbour")
    session.commit()
    for customer in (first, second, first):
        assert as_seller.get(f"/customers/{customer.id}").status_code == 200
    for page in (as_seller.get("/my-day").text, as_seller.get("/search", headers=PALETTE).text):
        opened = page.partition("Recently opened")[2]
        assert opened.index("First Harbour") < opened.index("Second Harbour")
        assert opened.count("First Harbour") == 1
    assert "Recently opened" not in as_seller.get("/search?q=Harbour", headers=PALETTE).text


def test_what_is_no_longer_ones_own_is_not_named(as_seller, session, seller, colleague, mine):
    as_seller.get(f"/customers/{mine.id}")
    mine.owner_id, mine.team_id = colleague.id, None
    session.commit()
    assert mine.name not in as_seller.get("/search", headers=PALETTE).text


def test_another_user_of_the_device_sees_nothing_of_it(as_seller, sign_in, admin, mine):
    as_seller.get(f"/customers/{mine.id}")
    sign_in(as_seller, admin)
    assert "Recently opened" not in as_seller.get("/search", headers=PALETTE).text


def test_a_cookie_that_somebody_wrote_by_hand_does_no_harm(as_seller, seller):
    as_seller.set_cookie("opened", f"{seller.id}:customer-x.nothing-1.customer-99999999999999999999.customer-77")
    assert as_seller.get("/search", headers=PALETTE).status_code == 200
    assert "Recently opened" not in as_seller.get("/my-day").text
