"""The programs in the documentation are what the tools print.

In a page, a comment `<!-- nh-opt --PASS ... -->` stands before two code blocks: a program, and what nh-opt makes of it.
    python3 check_pages.py NH_OPT PAGE...           compares
    python3 check_pages.py --write NH_OPT PAGE...   writes the second blocks anew
"""
import re
import subprocess
import sys

PAIR = re.compile(r"(<!-- nh-opt (?P<flags>[^\n]*?) -->\n+```mlir\n(?P<before>.*?)```\n(?P<between>.*?)```mlir\n)(?P<after>.*?)```", re.S)


def run(tool, flags, program):
    done = subprocess.run([tool, *flags.split(), "-"], input=program, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"nh-opt {flags}:\n{done.stderr}\n{program}")
    body = [line for line in done.stdout.splitlines() if line.strip() and line not in ("module {", "}")]
    return "".join(line.removeprefix("  ") + "\n" for line in body)


def main(arguments):
    write = arguments[0] == "--write"
    tool, *pages = arguments[1:] if write else arguments
    wrong = 0
    for page in pages:
        text = open(page).read()
        pairs = list(PAIR.finditer(text))
        if not pairs:
            raise SystemExit(f"{page}: no program to check")
        new = PAIR.sub(lambda m: m.group(1) + run(tool, m["flags"], m["before"]) + "```", text)
        if write:
            open(page, "w").write(new)
        elif new != text:
            wrong += 1
            for old, now in zip(text.splitlines(), new.splitlines()):
                if old != now:
                    print(f"{page}: nh-opt prints\n{now}\nnot\n{old}")
                    break
        print(f"{page}: {len(pairs)} programs")
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
