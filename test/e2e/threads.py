"""Any number of threads computes the same bits, whichever range of the work each of them takes.

    threads.py TEST --work FOLDER
"""

from __future__ import annotations

from pathlib import Path

from support import main_of, random_input, require, run, vitrail, write_npy

# A convolution, attention and linears with so much work that threads take it range by range.
MODEL = """vitrail 1
model much() {
  input x : tensor[96, 96, 16]
  y = relu(@conv conv(x, 64, kernel = 3, padding = 1))
  z = @patches linear(rearrange(y, "(h p) (w q) c -> (h w) (p q c)", p = 8, q = 8), 96)
  z += @attention self_attention(z, heads = 3)
  output out : tensor[144, 384] = gelu(@fc linear(z, 384))
}
"""


def bits(work: Path) -> None:
    """The same bytes, run after run."""
    (work / "much.vtr").write_text(MODEL)
    write_npy(work / "x.npy", (1, 96, 96, 16), random_input("x", 1, 96 * 96 * 16))
    schedule = vitrail("compile", "much.vtr", "--print-after", "schedule", cwd=work).stdout
    require(schedule.count("{vitrail.counter = ") >= 4, f"too little work to be taken range by range:\n{schedule}")
    vitrail("compile", "much.vtr", "--weights", "random:1", "-o", "much", cwd=work)
    expected = None
    for threads in (1, 2, 2, 3, 5, 16):
        run([work / "much", "--input", "x=x.npy", "--output", "out=out.npy", "--threads", str(threads)], cwd=work)
        output = (work / "out.npy").read_bytes()
        expected = expected or output
        require(output == expected, f"{threads} threads give other bits than one")


if __name__ == "__main__":
    main_of(bits)
