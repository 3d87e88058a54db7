"""Texts that are hard to read."""

from typing import Any

from tests.browser.chromium import Chromium


def poor_texts(page: Chromium) -> list[Any]:
    """The elements whose text has less than 4.5 to 1 between it and what is behind it (WCAG 2.2 §1.4.3)."""
    found: list[Any] = page.run("""(() => {
    const light = (colour) => {
        const [r, g, b] = colour.match(/[\\d.]+/g).map((each) => each / 255)
        .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
        const colour = getComputedStyle(element).backgroundColor;
        return colour !== "rgba(0, 0, 0, 0)" ? colour : behind(element.parentElement);
    };
    const poor = [];
    for (const element of document.body.querySelectorAll("*")) {
        const own = [...element.childNodes].some((each) => each.nodeType === 3 && each.data.trim());
        if (!own || !element.offsetParent) continue;
        const [a, b] = [light(getComputedStyle(element).color), light(behind(element))].sort((x, y) => y - x);
        if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(element.outerHTML);
    }
    return poor;
})()""")
    return found
