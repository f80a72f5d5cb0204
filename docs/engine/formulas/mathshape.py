"""MathML as TeX would lay it out: what math-core or a browser sets otherwise is put right in the tree.

* A bracket of `\\left…\\right` around what is no taller than itself does not stretch: Chromium gives each bracket that
  may stretch the width of its widest form.
* A large bracket that bears a script stands in a row of its own; as the script's base it would not grow.
* A line above or below is U+203E, the only one that browsers stretch over what it covers.
* The lower limit of an integral is drawn back under its hook by an empty space; the font's own correction, which
  browsers read differently, is taken away (`fontsubset`).
* A matrix stands close between its brackets, words in letters of their own style.
* A last row that holds nothing, after a trailing `\\\\`, is left out.
* What `latex_mathml` has marked with a colour becomes bold, or an operator with limits.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from .mathfont import bold, styled

# Marks, by the name of the colour in LaTeX, and the style that math-core writes for it.
MARKS = {"bold": "cyan", "limits": "teal", "display limits": "brown"}
_STYLES = {"bold": "color:#00B9F2;", "limits": "color:#008080;", "display limits": "color:#BF803F;"}
_FENCES = set("()[]{}|‖∣∥⟨⟩⌊⌋⌈⌉/\\↑↓⎰⎱⟮⟯")
_LOW = {"mi", "mn", "mo", "mtext", "mspace", "mrow", "msub", "mphantom", "mpadded"}
_SIZES = {"1.623em": "1.8em", "2.047em": "2.4em", "2.470em": "3em"}  # of \\Big, \\bigg, \\Bigg
_SCRIPTS = {"msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts"}
_LIMITS = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
_ROWS = {"math", "mrow", "mtd"}
_RAISING = {"msup", "msubsup"}
_INTEGRALS = set("∫∬∭⨌∮∯∰∱∲∳")
_LARGE = _INTEGRALS | set("∑∏∐⋃⋂⋁⋀⨁⨂⨀⨄⨆")
_LINES = {"\u0332", "\u0305"}
_ARROWS = set("→←↔⇒⇐⇔↦↩↪⟶⟵")
_WORDS = {"b": "BOLD", "i": "ITALIC", "code": "MONOSPACE", "math-core-sans-serif-font": "SANS-SERIF"}
_LABEL = "0.15em"  # beside the label of an arrow
_SPACE = "0.1667em"  # around an operator


def shape(element: Element, display: bool) -> None:
    """Change all below `element`; `display`: whether what stands in it is set in display style."""
    display = {"true": True, "false": False}.get(element.get("displaystyle", ""), display)
    before: Element | None = None
    children = list(element)
    for index, (child, after) in enumerate(zip(children, [*children[1:], None])):
        smaller = element.tag in {"mfrac", "mtable"} or (element.tag in _SCRIPTS and index > 0)
        element[index] = _resolved(child, display and not smaller, element.tag in _ROWS, before, after)
        shape(element[index], display and not smaller)
        before = child
    _trim_rows(element)
    if element.tag == "mtext":
        _set_words(element)
    if element.tag == "mrow":
        _join_matrix(element)
        _settle_fences(element, display)
    if (size := _SIZES.get(element.get("minsize", ""))) and element.text != "‖":
        element.attrib |= {"minsize": size, "maxsize": size}
    if element.tag in _SCRIPTS and len(element):
        _mend_scripts(element, display)


def _mend_scripts(element: Element, display: bool) -> None:
    base, *scripts = element
    if base.tag == "mo" and base.get("minsize"):
        element[0] = Element("mrow")
        element[0].append(base)
    if base.text in _INTEGRALS and element.tag in ("msub", "msubsup"):
        element[1] = _row([Element("mspace", {"class": "math-tuck" if display else "math-tuck-small"}), scripts[0]])
    if base.text in _ARROWS:
        base.set("stretchy", "true")
        for index, label in enumerate(scripts, 1):
            if len(label) == 2 and label[1].get("width") == "3.5em":  # math-core's least width, high up
                element[index] = _row([Element("mspace", {"width": _LABEL}), label[0],
                                       Element("mspace", {"width": _LABEL})])
    if element.tag == "mover" and scripts[0].text == "~":
        scripts[0].text = "˜"  # of \\widetilde; the font has this one wide
    single = element.tag == "mover" and len("".join(base.itertext())) == 1  # its line is fused with it
    if element.tag in ("munder", "mover") and scripts[0].tag == "mo" and scripts[0].text in _LINES and not single:
        scripts[0].text = "‾"
        element.attrib.clear()  # as an accent it would touch the letters


def _set_words(words: Element) -> None:
    """Words in letters of their style: an element of HTML among them would have the height of a line of text."""
    text = words.text or ""
    for child in list(words):
        _set_words(child)
        style = _WORDS.get(child.get("class") or child.tag)
        said = child.text or ""
        text += ("".join(styled(letter, style) for letter in said) if style else said) + (child.tail or "")
        words.remove(child)
    words.text = text


def _settle_fences(row: Element, display: bool) -> None:
    """The brackets of `\\left…\\right`, which begin and end their row: as high as TeX makes them."""
    fences = [child for child in row if child.tag == "mo" and child.text in _FENCES
              and child.get("stretchy") != "false" and not child.get("minsize")]
    inner = [child for child in row if child not in fences]
    if not inner or not fences or (row[0] not in fences and row[-1] not in fences):
        return
    if all(map(_is_low, inner)):
        size = {"stretchy": "false"}
    elif display and any(_has_brackets(script) for child in inner for script in child.iter() if script.tag in _RAISING):
        size = {"minsize": "1.8em"}
    else:
        return
    for fence in fences:
        fence.attrib |= size


def _has_brackets(script: Element) -> bool:
    return any(sign.text in ("(", "[") for sign in script[-1].iter("mo"))


def _join_matrix(row: Element) -> None:
    """A matrix in brackets has no space beside them, as an array has that says where its columns stand."""
    tags = [child.tag for child in row]
    if tags == ["mo", "mtable", "mo"] and not any(cell.get("style") for cell in row.iter("mtd")):
        for cells in row[1]:
            _add_style(cells[0], "padding-left: 0;")
            _add_style(cells[-1], "padding-right: 0;")


def _is_low(element: Element) -> bool:
    """Whether a plain bracket is as tall: no superscript, nothing that stands above another."""
    if element.tag == "mover" and element.get("accent"):
        return _is_low(element[0])
    if element.tag == "msup" and element[1].text in ("′", "″", "‴", "⁗"):
        return _is_low(element[0])
    return (element.tag in _LOW and element.text not in _LARGE and not element.get("minsize")
            and all(map(_is_low, element)))


def _trim_rows(table: Element) -> None:
    if table.tag == "mtable" and table.get("scriptlevel") == "1":  # \\substack
        for cell in table.iter("mtd"):
            _add_style(cell, "padding-left: 0;padding-right: 0;")
    if table.tag == "mtable" and len(table) > 1 and not any(cell.text or len(cell) for cell in table[-1]):
        last = table[-1]
        table.remove(last)
        if any("border-top" in cell.get("style", "") for cell in last):
            for cell in table[-1]:  # a rule below it
                _add_style(cell, "border-bottom: 0.05em solid currentcolor;")


def _add_style(cell: Element, style: str) -> None:
    cell.set("style", cell.get("style", "") + style)


def _resolved(element: Element, display: bool, in_row: bool, *around: Element | None) -> Element:
    """What stands for an element that bears a mark; itself if it bears none."""
    mark = element.get("style")
    if mark == _STYLES["bold"]:
        for leaf in element.iter():
            _embolden(leaf)
        return _row(element)
    operator = element[0] if element.tag in _LIMITS and len(element) else element
    mark = operator.get("style")
    if mark not in (_STYLES["limits"], _STYLES["display limits"]):
        return element
    if operator is element:
        element = _row(operator)
    else:
        element[0] = _row(operator)
        if display or mark == _STYLES["limits"]:
            element.tag = _LIMITS[element.tag]
    # An operator stands apart from letters on both sides.
    spaces = [[Element("mspace", {"width": _SPACE})] if in_row and one is not None and one.tag not in ("mo", "mspace")
              else [] for one in around]
    return _row([*spaces[0], element, *spaces[1]])


def _embolden(leaf: Element) -> None:
    if leaf.tag in ("mi", "mn") and leaf.text:
        plain = leaf.tag == "mn" or leaf.get("mathvariant") == "normal" or len(leaf.text) > 1
        letters = [letter for plain_letter in leaf.text if (letter := bold(plain_letter, plain))]
        if len(letters) == len(leaf.text):
            leaf.text = "".join(letters)
            leaf.attrib.pop("mathvariant", None)
            return
    if leaf.tag in ("mi", "mn", "mo", "mtext"):
        leaf.set("class", "math-bold")


def _row(content: Element | list[Element]) -> Element:
    """One element that holds what `content` holds."""
    children = list(content)
    if len(children) == 1:
        return children[0]
    row = Element("mrow")
    row.extend(children)
    return row
