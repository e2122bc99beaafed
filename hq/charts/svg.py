"""The few elements that pictures are made of, as text that is safe inside a page.

A picture holds marks alone and stretches to the place the page gives it; words stand beside it in
the page's own type. Colours are classes of the style sheet, so light and dark are its business.
"""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape


def element(tag: str, *inside: Markup, **attributes: str | float | None) -> Markup:
    """One element. ``class_`` is written ``class``, ``data_tip`` ``data-tip``; None is left out."""
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{tag}{written}>{''.join(inside)}</{tag}>")


def picture(width: float, height: float, label: str, kind: str, marks: Iterable[Markup]) -> Markup:
    """The whole picture, ``width`` × ``height`` in its own units, named by ``label``.

    Without a name it repeats what stands beside it, and is not read out.
    """
    return element(
        "svg",
        *marks,
        viewBox=f"0 0 {_value(width)} {_value(height)}",
        preserveAspectRatio="none",
        class_=f"chart {kind}",
        role="img" if label else None,
        aria_label=label or None,
        aria_hidden=None if label else "true",
    )


def path(points: Iterable[tuple[float, float]]) -> str:
    """A line through points, as the ``d`` of a path."""
    return "M" + "L".join(f"{_value(x)} {_value(y)}" for x, y in points)


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return str(escape(value))
    return f"{value:.2f}".rstrip("0").rstrip(".")
