"""The tree of records that stand under each other, and the gallery of pictures."""

from __future__ import annotations

import io
import re
from html import unescape

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from kith_runtime import queries
from kith_runtime.actors import SYSTEM
from support.axe import findings
from support.site import Site, looks, open_page, signed_in

pytestmark = pytest.mark.screen

TREE = "/e/sales.account?view=sales.account_tree"


def parent_of(site: Site, record: str) -> str | None:
    with site.workspace.read(SYSTEM, "system") as ctx:
        found: str | None = queries.get(ctx, "sales.account", record, ("parent",))["parent"]
        return found


def family(site: Site, owner: str, name: str) -> tuple[str, str, str]:
    """Make a company with a daughter that has a daughter."""
    top = site.create("sales.account", name=f"{name} top", owner=owner)
    middle = site.create("sales.account", name=f"{name} middle", parent=top, owner=owner)
    return top, middle, site.create("sales.account", name=f"{name} low", parent=middle, owner=owner)


def test_branches_open_step_by_step_and_count_what_is_below(site: Site, sarah: str, page: Page) -> None:
    top, middle, low = family(site, sarah, "AA steps")
    signed_in(page, site, sarah).goto(TREE)
    expect(page.locator(f'[data-node="{middle}"]')).to_have_count(0)
    expect(page.locator(f'[data-node="{top}"] > .row')).to_contain_text("1")
    page.get_by_role("link", name="AA steps top", exact=True).focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(f'[data-node="{middle}"]')).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(page.locator(f'[data-node="{low}"]')).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(f'[data-node="{low}"]')).to_be_hidden()


def test_the_address_opens_branches_without_script(site: Site, sarah: str) -> None:
    top, middle, low = family(site, sarah, "AB plain")
    visitor = site.visitor(sarah)
    closed = visitor.html(TREE)
    link = re.search(rf'data-node="{top}".*?href="([^"]*open=[^"]*)"', closed)
    assert link is not None
    opened = visitor.html(unescape(link[1]))
    assert f'data-node="{middle}"' in opened
    assert f'data-node="{low}"' not in opened
    assert f'data-node="{low}"' in visitor.html(f"{TREE}&open={top},{middle}")


def test_a_record_is_dragged_under_another(site: Site, sarah: str, page: Page) -> None:
    top, _, _ = family(site, sarah, "AC drag")
    loose = site.create("sales.account", name="AC drag loose", owner=sarah)
    signed_in(page, site, sarah).goto(TREE)
    page.locator(f'[data-node="{loose}"] > .row').drag_to(page.locator(f'[data-node="{top}"] > .row'))
    expect(page.locator(f'[data-node="{top}"] [data-node="{loose}"]')).to_be_visible()
    assert parent_of(site, loose) == top
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(f'[data-node="{top}"] [data-node="{loose}"]')).to_have_count(0)
    assert parent_of(site, loose) is None


def test_a_circle_is_refused_in_words(site: Site, sarah: str) -> None:
    top, _, low = family(site, sarah, "AD circle")
    visitor = site.visitor(sarah)
    for target in (low, top):
        answer = visitor.post(TREE.replace("?", "/tree/move?"), {"id": top, "to": target})
        assert answer.status_code == 422
        assert "AD circle top cannot stand under itself" in answer.get_data(as_text=True)
    assert parent_of(site, top) is None


def test_a_circle_that_is_there_ends(site: Site, sarah: str) -> None:
    one = site.create("sales.account", name="AE one", owner=sarah)
    two = site.create("sales.account", name="AE two", parent=one, owner=sarah)
    site.visitor(sarah).post(f"/e/sales.account/{one}/edit", {"parent": two, "version": "1"})
    html = site.visitor(sarah).html(f"{TREE}&q=AE+one&open={one},{two}")
    assert html.count(f'data-node="{one}"') < 20


def test_a_record_is_moved_by_the_page_behind_its_button(site: Site, sarah: str, page: Page) -> None:
    top, _, low = family(site, sarah, "AF page")
    signed_in(page, site, sarah).goto(f"{TREE}&q=AF+page+low")
    page.locator(f'[data-node="{low}"] [data-node-move]').click()
    page.get_by_role("combobox", name="Belongs to").fill("AF page top")
    page.get_by_role("option", name="AF page top", exact=True).click()
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.locator(".k-toast[role=status]")).to_contain_text("AF page low was moved.")
    assert parent_of(site, low) == top


def test_who_may_not_change_it_moves_nothing(site: Site, sarah: str) -> None:
    top, middle, _ = family(site, sarah, "AG rights")
    stranger = site.with_roles("Tree Stranger", "sales.rep")
    visitor = site.visitor(stranger)
    html = visitor.html(f"{TREE}&open={top}")
    node = re.search(rf'<li class="k-node" data-node="{middle}"[^>]*>', html)
    assert node is not None
    assert "data-movable" not in node[0]
    visitor.post(TREE.replace("?", "/tree/move?"), {"id": middle, "to": "-"})
    assert parent_of(site, middle) == top


def test_a_gallery_shows_small_copies_and_a_place_for_those_without(site: Site, administrator: str) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (600, 400), "navy").save(picture, "PNG")
    picture.seek(0)
    visitor = site.visitor(administrator)
    sent = visitor.post("/files", {"file": (picture, "box.png")}, content_type="multipart/form-data")
    key = sent.get_json()["key"]
    values = {"code": "GB-1", "family": "sensor", "list_price": "10", "unit": "piece"}
    site.create("sales.product", name="Gallery box", image={"key": key}, **values)
    html = visitor.html("/e/sales.product?as=gallery&q=Gallery+box")
    found = re.search(r'<img src="(/files/[^"]+/thumbnail/256)" alt="" loading="lazy"', html)
    assert found is not None
    with visitor.get(found[1]) as small:
        assert small.content_type == "image/webp"
    assert "<bdi>Gallery box</bdi>" in html
    assert "<img" not in visitor.html("/e/sales.product?as=gallery&q=Glycol+buffer")


def test_the_catalogue_of_the_demo_data_has_pictures(site: Site, sarah: str) -> None:
    visitor = site.visitor(sarah)
    html = visitor.html("/e/sales.product?view=sales.catalogue&q=Gateway+G4")
    found = re.search(r'<img src="(/files/[^"]+)/thumbnail/256"', html)
    assert found is not None
    with visitor.get(found[1]) as whole:
        assert whole.content_type == "image/webp"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@looks
def test_tree_and_gallery_have_no_accessibility_findings(
    site: Site, sarah: str, chromium: Browser, width: int, theme: str
) -> None:
    size = {"width": width, "height": 900}
    context = chromium.new_context(viewport=size, color_scheme=theme, base_url=site.address)  # type: ignore[arg-type]
    for page in open_page(context):
        for address in (TREE, "/e/sales.product?view=sales.catalogue"):
            signed_in(page, site, sarah).goto(address)
            assert findings(page) == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
