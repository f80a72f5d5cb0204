"""A small docs/data for the small site of conftest.py: one entry or two of each kind, all sound."""

from __future__ import annotations

from pathlib import Path

ROWS = "\n".join(
    f"[row-{number}]\nlatex = '\\mathcal{{{letter}}}'\nzh = '第 {number} 行'\nen = 'row {number}'\nkind = 'set'\n"
    f"row = {number}\n" for number, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWX", 1))

FILES = {
    "symbols": ROWS + r"""
[prediction]
latex = '\hat{y}'
zh = '预测'
en = 'prediction'
kind = 'vector'
shape = '$(N,)$'
numpy = 'y_hat'
lee = 'y'
remark.zh = '李宏毅的写法相反。'
remark.en = 'Lee writes it the other way round.'

[weight]
latex = 'w'
zh = '权重'
en = 'weight'
kind = 'scalar'

[feature]
latex = 'x'
zh = '特征'
en = 'feature'
kind = 'scalar'

[label]
latex = 'y'
zh = '标签'
en = 'label'
kind = 'scalar'

[loss]
latex = 'L'
zh = '损失'
en = 'loss'
kind = 'function'

[learning-rate]
latex = '\eta'
zh = '学习率'
en = 'learning rate'
kind = 'scalar'

[derivative]
latex = '\mathrm{d}'
zh = '导数'
en = 'derivative'
kind = 'operator'

[bias]
latex = 'b'
zh = '偏置'
en = 'bias'
kind = 'scalar'

[model-bias]
latex = 'b'
zh = '模型偏差'
en = 'model bias'
kind = 'scalar'
chapter = 'gradient-descent'
""",
    "notes": "\n".join(f"[S{n}]\noriginal = '记'\ntitle.zh = '笔记 {n}'\ntitle.en = 'Note {n}'\n"
                       f"covers.zh = '讲了一些。'\ncovers.en = 'It covers some.'\n" for n in range(5)),
    "topics": """[S0-01]
zh = '直线'
en = 'A line'
place = 'loss#first'

[S0-02]
zh = '以后的事'
en = 'Something later'
place = 'gradient-descent#first'
""",
    "questions": """[Q01]
note = 'S0'
question.zh = '直线有多陡？'
question.en = 'How steep is a line?'
answer.zh = '看权重 $w$。'
answer.en = 'Look at the weight $w$.'
place = 'loss#first'
""",
    "errata": """[E01]
note = ['S1', 'S0']
claim.zh = '偏置 $b$ 是斜率？'
claim.en = 'The bias $b$ is the slope?'
correction.zh = '斜率是[权重](loss.md#first)。'
correction.en = 'The slope is the [weight](loss.md#first).'
place = 'gradient-descent#second'
symbols = { b = 'bias' }
""",
    "glossary": """[weight]
zh = '权重'
en = 'weight'
define.zh = '乘在特征上的数 $w$。'
define.en = 'The number $w$ by which a feature is multiplied.'
place = 'loss#first'
rejected.zh = ['权值']

[line]
zh = '直线'
en = 'rising line'
define.zh = '不弯的线。'
define.en = 'A line that does not bend.'
place = 'loss#second'
forms.en = ['line']
""",
    "bibliography": """[euler1748]
authors = ['L. Euler']
title = 'Introductio in analysin infinitorum'
in = 'Lausanne'
year = 1748
doi = '10.1000/1'

[lee2021]
authors.zh = ['李宏毅']
authors.en = ['Hung-yi Lee']
title = 'Machine Learning'
year = 2021
""",
}

PAGES = {
    "symbols": "::: symbols notes\n\n## More {#more}\n\n::: symbols book\n\n## One {#one}\n\n::: symbols chapters",
    "questions": "## S0 {#s0}\n\n::: questions S0", "errata": "## S1 {#s1}\n\n::: errata S1\n\n```\n::: errata S9\n```",
    "sources": "## S0 {#s0}\n\n::: topics S0", "glossary": "::: glossary", "bibliography": "::: bibliography",
}


def write_data(root: Path, **changed: str) -> None:
    """docs/data under `root`; a file named in `changed` gets that text instead."""
    folder = root / "docs" / "data"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (FILES | changed).items():
        (folder / f"{name}.toml").write_text(text, "utf-8", newline="\n")


def add_data(site, b: str = "bias") -> None:
    """Gives the small site of conftest.py the data; one of its pages must choose what b means."""
    write_data(site.root)
    for language in ("zh", "en"):
        text = f"description: A page of the small book, in {language}.\n"
        site.edit(f"docs/{language}/gradient-descent.md", text, f"{text}symbols:\n  b: {b}\n")


def add_reference(site) -> None:
    """Gives the small site of conftest.py the data, the reference pages, and a page that uses them."""
    add_data(site)
    nav = "".join(f"      - {name}.md\n" for name in PAGES)
    site.edit("mkdocs.yml", "\nextra:\n", f"  - reference:\n{nav}\nextra:\n")
    for language in ("zh", "en"):
        for name, text in PAGES.items():
            site.write(f"docs/{language}/{name}.md",
                       f"---\ndescription: Data.\n---\n# {name.title()} {{#{name}}}\n\n{text}\n")
        about = "权重和直线，权重 again" if language == "zh" else "Rising lines have weights; a weight"
        site.edit(f"docs/{language}/loss.md", "Before any block", f"{about} [@euler1748; @lee2021]. Before any block")
        site.edit(f"docs/{language}/loss.md", "## Second {#second}\n",
                  "## Second {#second}\n\n### Sources {#sources}\n\n::: rebuilds\n")
