"""axe-core in a real Chromium: what stands in the way of people who see, hear or move otherwise (WCAG 2.2 A and AA)."""

from collections.abc import Iterator
from functools import cache

from playwright.sync_api import Page

from deploy.environment import ROOT

WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")
# Ours keep to good practice besides; the headings and landmarks of Swagger UI are its own.
PRACTICE, FOREIGN = "best-practice", "#api-docs"
# Moving things are looked at where they come to rest. The size of targets is off in axe unless asked for; it is 2.2 AA.
RUN = """async ([tags]) => {
  await Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null)));
  const told = await axe.run(document, {
    runOnly: {type: "tag", values: tags}, rules: {"target-size": {enabled: true}}, resultTypes: ["violations"],
  });
  const why = (node) => [...node.any, ...node.all, ...node.none][0]?.message || "";
  return told.violations.map((one) => [one.id, one.nodes.map((node) => `${node.target.join(" ")} ${why(node)}`)]);
}"""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@cache
def _source() -> str:
    return (ROOT / "node_modules/axe-core/axe.min.js").read_text()


def findings(page: Page) -> Iterator[str]:
    """What axe finds on the page as it is now: rule, how often, and the first places; and whether it is too wide."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    tags = WCAG if page.locator(FOREIGN).count() else (*WCAG, PRACTICE)
    for rule, places in page.evaluate(RUN, [list(tags)]):
        yield f"{rule} ×{len(places)}: {'; '.join(places[:3])}"
    if (wider := page.evaluate(WIDER)) > 0:
        yield f"scrolls sideways by {wider} px"
