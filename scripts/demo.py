"""The five texts' systems, built, trained and drawn: each number beside the one expected, each picture in a page.

Run it with ``scripts/demo.sh``, which installs what it needs, or ``python scripts/demo.py`` where that is installed.
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
    wanted = _wanted(texts, options.lessons)
    options.out.mkdir(parents=True, exist_ok=True)
    running = run([text.name for text in texts], options.lessons.resolve(), options.out.resolve())
    results, stopped = [], []
    for found in _progress(running, len(wanted)):
        if isinstance(found, Result):
            results.append(found)
        elif found.error:
            stopped.append(found)

    by_key = {result.key: result for result in results}
    for text in texts:
        print(f"{lessons.plain(text.title)}\n")
        for section in text.sections.values():
            if section.key in by_key:
                print(report.text(section, by_key[section.key]))
    for each in stopped:
        print(f"{each.error}\n{each.trace}", file=sys.stderr)
    wrong = [*_wrong(results, wanted), *(each.error for each in stopped)]
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


def _wanted(texts: list[lessons.Lesson], folder: Path) -> list[str]:
    """The systems to be found: those of the texts, and whatever else has a section or an expected number."""
    letters = {letter for letter, name in lessons.TEXTS.items() if name in {text.name for text in texts}}
    keys = [key for key in lessons.SYSTEMS if key[0] in letters]
    for text in texts:
        keys += text.sections
        keys += json.loads((folder / "expected" / f"{text.name}.json").read_text("utf-8"))
    return list(dict.fromkeys(keys))


def _wrong(results: list[Result], wanted: list[str]) -> list[str]:
    """Each number that is not as expected, and each system that nobody found, or that nobody asked for."""
    found = [result.key for result in results]
    wrong = {key: [] for key in [*wanted, *found]}
    for result in results:
        wrong[result.key] += [f"{result.key} {row.name}" for row in result.rows if not row.agrees]
    for key, said in wrong.items():
        if key not in found:
            said.append(f"{key} (not found)")
        elif found.count(key) > 1:
            said.append(f"{key} (found twice)")
        elif key not in wanted:
            said.append(f"{key} (has no section)")
    return [each for said in wrong.values() for each in said]


def _progress(running: Iterable[Result | End | None], count: int) -> Iterator[Result | End]:
    """What comes, with a bar in a terminal and a line for each system elsewhere."""
    if sys.stderr.isatty():
        from tqdm import tqdm

        with tqdm(total=count, unit="system", leave=False) as bar:
            for found in running:
                if isinstance(found, Result):
                    bar.set_postfix_str(found.key)
                    bar.update()
                bar.refresh()  # its clock runs on where a system takes long
                if found is not None:
                    yield found
        return
    print(f"{count} systems, two lessons at a time:", flush=True)
    done = 0
    for found in running:
        if isinstance(found, Result):
            done += 1
            print(f"[{done}/{count}] {report.line(found)}", flush=True)
        if found is not None:
            yield found
    print()


if __name__ == "__main__":
    sys.exit(main())
