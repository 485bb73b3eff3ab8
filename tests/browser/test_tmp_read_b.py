import shutil, time, traceback, io, contextlib
from pathlib import Path
D = Path("/tmp/readb")
def test_repl(lab):
    ns = {"lab": lab, "page": lab.page, "D": D, "shutil": shutil, "time": time, "Path": Path}
    end = time.time() + 2400
    while time.time() < end:
        cmd = D / "cmd.py"
        if not cmd.exists():
            time.sleep(0.2); continue
        code = cmd.read_text(); cmd.unlink()
        if code.strip() == "quit": break
        buf = io.StringIO()
        with contextlib.redirect_stdout(buf):
            try: exec(code, ns)
            except Exception: traceback.print_exc(file=buf)
        (D / "out.tmp").write_text(buf.getvalue()); (D / "out.tmp").rename(D / "out")
