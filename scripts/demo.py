"""Build, train and draw the five texts' systems: each number beside the expected one, each picture in a page.

Run it with ``scripts/demo.sh``, which installs what it needs, or with ``python scripts/demo.py``.
It runs the lessons in notebooks/ as plain scripts. It ends with status 1 if a number or table is not as expected, or a
system is missing, and says which. In the folder of --out it leaves report.html, results.json and every picture.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import lessons
import report
from running import End, Result, run


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    sys.stdout.reconfigure(encoding="utf-8")
    if options.mnist:
        os.environ["MNIST_DIR"] = str(options.mnist.resolve())
    start = time.perf_counter()
    texts = [lessons.read(name, options.lessons) for name in options.text or lessons.TEXTS.values()]
    expected = _expected_keys(texts, options.lessons)
    options.out.mkdir(parents=True, exist_ok=True)
    running = run([text.name for text in texts], options.lessons.resolve(), options.out.resolve())
    results, stopped = [], []
    for item in _progress(running, len(expected)):
        if isinstance(item, Result):
            results.append(item)
        elif item.error:
            stopped.append(item)

    by_key = {result.key: result for result in results}
    for text in texts:
        print(f"{lessons.plain(text.title)}\n")
        for section in text.sections.values():
            if section.key in by_key:
                print(report.text(section, by_key[section.key]))
    for each in stopped:
        print(f"{each.error}\n{each.trace}", file=sys.stderr)
    wrong = [*_wrong(results, expected), *(each.error for each in stopped)]
    seconds = time.perf_counter() - start
    pages = options.out / "report.html", options.out / "results.json"
    pages[0].write_text(report.page(texts, by_key, wrong, seconds), "utf-8")
    pages[1].write_text(json.dumps({r.key: report.data(r) for r in results}, ensure_ascii=False, indent=1), "utf-8")
    print(f"Written: {pages[0]}, {pages[1].name} and {sum(len(r.pictures) for r in results)} pictures\n")
    for result in results:
        if result.left_out:
            print(f"{result.key} was left out: {result.left_out}")
    print(f"{report.agreement(results)}, in {seconds:.0f} s.")
    if wrong:
        print(f"NOT as expected: {'; '.join(wrong)}")
    return 1 if wrong else 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("text", nargs="*", help=f"lessons to run; all of them: {', '.join(lessons.TEXTS.values())}")
    parser.add_argument("--mnist", type=Path, metavar="DIR", help="a folder with MNIST's four files: K4 and N5 use it")
    parser.add_argument("--out", type=Path, default=lessons.ROOT / "out", help="where the page and the pictures go")
    parser.add_argument("--lessons", type=Path, default=lessons.FOLDER, help="where the lessons are")
    options = parser.parse_args(arguments)
    if options.mnist and not options.mnist.is_dir():
        parser.error(f"--mnist: there is no folder {options.mnist}")
    for name in options.text:
        if not (options.lessons / "expected" / f"{name}.json").is_file():
            parser.error(f"{name} is no lesson with systems: there is no expected/{name}.json in {options.lessons}")
    return options


def _expected_keys(texts: list[lessons.Lesson], folder: Path) -> list[str]:
    """The systems that must have a result: those of the texts, and all that have a section or an expected number."""
    letters = {letter for letter, name in lessons.TEXTS.items() if name in {text.name for text in texts}}
    keys = [key for key in lessons.SYSTEMS if key[0] in letters]
    for text in texts:
        keys += text.sections
        keys += json.loads((folder / "expected" / f"{text.name}.json").read_text("utf-8"))
    return list(dict.fromkeys(keys))


def _wrong(results: list[Result], expected: list[str]) -> list[str]:
    """Each number that is not as expected, and each system without a result, with two, or without a section."""
    keys = [result.key for result in results]
    wrong = {key: [] for key in [*expected, *keys]}
    for result in results:
        wrong[result.key] += [f"{result.key} {row.name}" for row in result.rows if not row.agrees]
    for key, problems in wrong.items():
        if key not in keys:
            problems.append(f"{key} (not found)")
        elif keys.count(key) > 1:
            problems.append(f"{key} (found twice)")
        elif key not in expected:
            problems.append(f"{key} (has no section)")
    return [problem for problems in wrong.values() for problem in problems]


def _progress(running: Iterable[Result | End | None], count: int) -> Iterator[Result | End]:
    """The results as they come, with a bar in a terminal and a line for each system elsewhere."""
    if sys.stderr.isatty():
        from tqdm import tqdm

        with tqdm(total=count, unit="system", leave=False) as bar:
            for item in running:
                if isinstance(item, Result):
                    bar.set_postfix_str(item.key)
                    bar.update()
                bar.refresh()  # its clock runs on where a system takes long
                if item is not None:
                    yield item
        return
    print(f"{count} systems, two lessons at a time:", flush=True)
    done = 0
    for item in running:
        if isinstance(item, Result):
            done += 1
            print(f"[{done}/{count}] {report.line(item)}", flush=True)
        if item is not None:
            yield item
    print()


if __name__ == "__main__":
    sys.exit(main())
