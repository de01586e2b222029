"""The names that a key cannot see: each with what it reads and how to declare it.

A false alarm costs a re-run; a missed name costs a stale answer. So modules that exist to reach
outside are listed whole, with what is harmless in them taken out.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath


@dataclass(frozen=True, slots=True)
class Effect:
    """What a name reads, and the line that declares it."""

    what: str
    declare: str


PARAMETER = "pass it as a packet parameter"
SOURCE = "read it through a source and take it as an input"
MOMENT = "pass the moment as a packet parameter"
SEED = "pass a seed as a packet parameter and use random.Random(seed)"
BY_NAME = "name it in the code, or choose from a dictionary of functions"
STATE = "pass it as an argument and return it"
CONSTANT = "use a constant, or build it inside the function"
IMPORT = "import it by name"
REIMPORT = "start the process again, so that what is hashed is what runs"

_ENVIRONMENT = Effect("environment variable", PARAMETER)
_CLOCK = Effect("clock", MOMENT)
_ZONE = Effect("the machine's time zone", "name the zone, as in tz=UTC")
_RANDOM = Effect("randomness", SEED)
_IMPORT = Effect("dynamic import", IMPORT)
_EVAL = Effect("evaluation of text", BY_NAME)
_FILE = Effect("file system", SOURCE)
_OUTSIDE = Effect("the world outside", SOURCE)
_MACHINE = Effect("the machine", PARAMETER)
_INTERPRETER = Effect("the interpreter's state", CONSTANT)
_IDENTITY = Effect("an identity that differs by process", CONSTANT)
_STATE = Effect("module state", STATE)
_PLACE = Effect("a line or a file of the code", CONSTANT)

# What a call says beside its name: a moment shown without a zone takes the machine's.
WITHOUT_ZONE = "() without a zone"
ZONED = frozenset({"astimezone", "fromtimestamp"})
LOOP_TIME = "time() of an event loop"

# Longest prefix wins; a name below a listed one has its effect.
_TABLE: dict[str, Effect | None] = {
    "os.environ": _ENVIRONMENT,
    "os.environb": _ENVIRONMENT,
    "os.getenv": _ENVIRONMENT,
    "os.getenvb": _ENVIRONMENT,
    "pydantic_settings": _ENVIRONMENT,
    "decouple": _ENVIRONMENT,
    "dotenv": _ENVIRONMENT,
    "environs": _ENVIRONMENT,
    "time": _CLOCK,
    "timeit": _CLOCK,
    "email.utils.formatdate": _CLOCK,
    "email.utils.localtime": _CLOCK,
    "email.utils.make_msgid": _RANDOM,
    "datetime.datetime.now": _CLOCK,
    "datetime.datetime.utcnow": _CLOCK,
    "datetime.datetime.today": _CLOCK,
    "datetime.date.today": _CLOCK,
    "random": _RANDOM,
    "secrets": _RANDOM,
    "uuid.uuid1": _RANDOM,
    "uuid.uuid4": _RANDOM,
    "uuid.uuid6": _RANDOM,
    "uuid.uuid7": _RANDOM,
    "uuid.getnode": _MACHINE,
    "os.urandom": _RANDOM,
    "os.getrandom": _RANDOM,
    "numpy.random": _RANDOM,
    "importlib": _IMPORT,
    "importlib.resources": _FILE,
    "pkgutil": _IMPORT,
    "runpy": _IMPORT,
    "builtins.__import__": _IMPORT,
    "builtins.eval": _EVAL,
    "builtins.exec": _EVAL,
    "builtins.compile": _EVAL,
    "builtins.globals": _INTERPRETER,
    "builtins.locals": _INTERPRETER,
    "builtins.vars": _INTERPRETER,
    "builtins.dir": _INTERPRETER,
    "builtins.breakpoint": _OUTSIDE,
    "builtins.input": Effect("standard input", PARAMETER),
    "builtins.open": _FILE,
    "builtins.hash": _IDENTITY,
    "builtins.id": _IDENTITY,
    "io.open": _FILE,
    "io.FileIO": _FILE,
    "codecs.open": _FILE,
    "tokenize.open": _FILE,
    "gzip.open": _FILE,
    "bz2.open": _FILE,
    "lzma.open": _FILE,
    "os": Effect("the operating system", SOURCE),
    "posix": Effect("the operating system", SOURCE),
    "shutil": _FILE,
    "glob": _FILE,
    "tempfile": _FILE,
    "fileinput": _FILE,
    "linecache": _FILE,
    "filecmp": _FILE,
    "mmap": _FILE,
    "dbm": _FILE,
    "shelve": _FILE,
    "sqlite3": _FILE,
    "pathlib.Path.cwd": _FILE,
    "pathlib.Path.home": _FILE,
    "subprocess": _OUTSIDE,
    "multiprocessing": _OUTSIDE,
    "concurrent.futures.ProcessPoolExecutor": _OUTSIDE,
    "concurrent.futures.process": _OUTSIDE,
    "socket": _OUTSIDE,
    "ssl": _OUTSIDE,
    "urllib.request": _OUTSIDE,
    "http.client": _OUTSIDE,
    "ftplib": _OUTSIDE,
    "smtplib": _OUTSIDE,
    "imaplib": _OUTSIDE,
    "poplib": _OUTSIDE,
    "xmlrpc.client": _OUTSIDE,
    "webbrowser": _OUTSIDE,
    "asyncio.create_subprocess_exec": _OUTSIDE,
    "asyncio.create_subprocess_shell": _OUTSIDE,
    "asyncio.open_connection": _OUTSIDE,
    "requests": _OUTSIDE,
    "httpx": _OUTSIDE,
    "aiohttp": _OUTSIDE,
    "urllib3": _OUTSIDE,
    "psycopg": _OUTSIDE,
    "psycopg2": _OUTSIDE,
    "asyncpg": _OUTSIDE,
    "apsw": _OUTSIDE,
    "sqlalchemy.create_engine": _OUTSIDE,
    "platform": _MACHINE,
    "getpass": _MACHINE,
    "locale": _MACHINE,
    "pwd": _MACHINE,
    "grp": _MACHINE,
    "resource": _MACHINE,
    "sys.argv": Effect("command line", PARAMETER),
    "sys.orig_argv": Effect("command line", PARAMETER),
    "sys.stdin": Effect("standard input", PARAMETER),
    "sys.modules": _INTERPRETER,
    "sys.path": _INTERPRETER,
    "sys.flags": _INTERPRETER,
    "sys.platform": _MACHINE,
    "sys.executable": _MACHINE,
    "sys.prefix": _MACHINE,
    "sys.base_prefix": _MACHINE,
    "sys.exec_prefix": _MACHINE,
    "sys._getframe": _INTERPRETER,
    "sys._current_frames": _INTERPRETER,
    "sys.getrefcount": _INTERPRETER,
    "sys.getrecursionlimit": _INTERPRETER,
    "sys.meta_path": _INTERPRETER,
    "inspect.stack": _INTERPRETER,
    "inspect.currentframe": _INTERPRETER,
    "inspect.getsource": _INTERPRETER,
    "inspect.getsourcelines": _INTERPRETER,
    "inspect.getmembers": _INTERPRETER,
    "inspect.findsource": _INTERPRETER,
    "inspect.getabsfile": _INTERPRETER,
    "inspect.getfile": _INTERPRETER,
    "inspect.getframeinfo": _INTERPRETER,
    "inspect.getmodule": _INTERPRETER,
    "inspect.getsourcefile": _INTERPRETER,
    "inspect.trace": _INTERPRETER,
    "builtins.type.__subclasses__": _INTERPRETER,
    "gc": _INTERPRETER,
    "traceback": _PLACE,
    "ctypes": _INTERPRETER,
    "threading.get_ident": _IDENTITY,
    "threading.current_thread": _IDENTITY,
    "threading.active_count": _INTERPRETER,
    "threading.enumerate": _INTERPRETER,
    "asyncio.all_tasks": _INTERPRETER,
    "asyncio.current_task": _IDENTITY,
    "site": _MACHINE,
    "sysconfig": _MACHINE,
    "zoneinfo.available_timezones": _FILE,
    # What is harmless in a module that is listed whole.
    "time.sleep": None,
    "traceback.clear_frames": None,
    "traceback.format_exception_only": None,
    "traceback.print_exc": None,
    "traceback.print_exception": None,
    "traceback.print_stack": None,
    "traceback.print_tb": None,
    "time.struct_time": None,
    "time.strptime": None,
    "random.Random": None,
    "numpy.random.Generator": None,
    "numpy.random.RandomState": None,
    "numpy.random.SeedSequence": None,
    "numpy.random.default_rng": None,
    "importlib.abc": None,
    "locale.Error": None,
    "sqlite3.Row": None,
    "os.fspath": None,
    "os.fsencode": None,
    "os.fsdecode": None,
    "os.PathLike": None,
    "os.linesep": None,
    "os.sep": None,
    "os.path": None,
    "os.path.abspath": _FILE,
    "os.path.exists": _FILE,
    "os.path.lexists": _FILE,
    "os.path.expanduser": _ENVIRONMENT,
    "os.path.expandvars": _ENVIRONMENT,
    "os.path.getatime": _FILE,
    "os.path.getctime": _FILE,
    "os.path.getmtime": _FILE,
    "os.path.getsize": _FILE,
    "os.path.isdir": _FILE,
    "os.path.isfile": _FILE,
    "os.path.islink": _FILE,
    "os.path.ismount": _FILE,
    "os.path.realpath": _FILE,
    "os.path.relpath": _FILE,
    "os.path.sameopenfile": _FILE,
    "os.path.samestat": None,
    "os.path.samefile": _FILE,
    "subprocess.CalledProcessError": None,
    "subprocess.TimeoutExpired": None,
    "socket.timeout": None,
    "shutil.Error": None,
}
# Harmless with arguments, and a reading of entropy without.
_BARE = frozenset(
    {
        "random.Random",
        "numpy.random.default_rng",
        "numpy.random.RandomState",
        "numpy.random.SeedSequence",
    }
)
# Modules have other names inside: the interpreter's C halves, and what `os.path` really is.
_ALIASES = {
    "posix": "os",
    "nt": "os",
    "posixpath": "os.path",
    "ntpath": "os.path",
    "genericpath": "os.path",
    "_io": "io",
    "_random": "random",
    "_datetime": "datetime",
    "pathlib._local": "pathlib",
    "_pydatetime": "datetime",
}
# Attributes that say what they do on any receiver.
_ATTRIBUTES: dict[str, Effect] = {
    "utcnow": _CLOCK,
    LOOP_TIME: _CLOCK,
    **dict.fromkeys((f"{name}{WITHOUT_ZONE}" for name in ZONED), _ZONE),
    **dict.fromkeys(("read_text", "read_bytes", "write_text", "write_bytes"), _FILE),
    **dict.fromkeys(("iterdir", "rglob", "lstat", "expanduser", "readlink", "samefile"), _FILE),
    **dict.fromkeys(("is_mount", "is_fifo", "is_socket", "is_block_device"), _FILE),
    **dict.fromkeys(("is_char_device", "is_junction", "hardlink_to", "symlink_to"), _FILE),
    **dict.fromkeys(("__subclasses__", "__globals__", "f_globals", "f_locals"), _INTERPRETER),
    **dict.fromkeys(("co_filename", "co_firstlineno", "co_lines", "co_positions"), _PLACE),
    **dict.fromkeys(("f_lineno", "tb_frame", "tb_lineno"), _PLACE),
}
# Attributes that may as well be the name of a field, and say it only where they are called.
_METHODS: dict[str, Effect] = {
    **dict.fromkeys(("now", "today"), _CLOCK),
    **dict.fromkeys(("open", "stat", "exists", "is_file", "is_dir", "is_symlink"), _FILE),
    **dict.fromkeys(("unlink", "mkdir", "rmdir", "touch", "resolve", "absolute", "owner"), _FILE),
    **dict.fromkeys(("cwd", "home"), _FILE),
    "cache_info": _STATE,
    "isatty": _MACHINE,
}


@lru_cache(maxsize=65_536)
def effect_of(dotted: str, *, bare: bool = False) -> Effect | None:
    """What a name in a library reads, by its longest listed prefix.

    Example:
        >>> effect_of("os.environ.get").what, effect_of("os.path.join"), effect_of("re.compile")
        ('environment variable', None, None)
        >>> effect_of("random.Random"), effect_of("random.Random", bare=True).what
        (None, 'randomness')
    """
    name = settled(dotted)
    if bare and name in _BARE:
        return _RANDOM
    while name:
        if name in _TABLE:
            return _TABLE[name]
        name = name.rpartition(".")[0]
    return None


def effect_of_attribute(name: str, *, called: bool) -> Effect | None:
    """What an attribute reads by its name alone, on a receiver that is not known.

    Example:
        >>> effect_of_attribute("open", called=False), effect_of_attribute("open", called=True).what
        (None, 'file system')
    """
    return _ATTRIBUTES.get(name) or (_METHODS.get(name) if called else None)


def effect_of_path(name: str) -> Effect | None:
    """What an attribute of a `pathlib.Path` reads: all that a `PurePath` lacks.

    Example:
        >>> effect_of_path("parent"), effect_of_path("group").what
        (None, 'file system')
    """
    return None if hasattr(PurePath, name) else _FILE


@lru_cache(maxsize=65_536)
def settled(dotted: str) -> str:
    """A dotted name without the interpreter's inner module names.

    Example:
        >>> settled("posix.getcwd"), settled("_io.open"), settled("posixpath.join")
        ('os.getcwd', 'io.open', 'os.path.join')
    """
    for inner, outer in _ALIASES.items():
        if dotted == inner or dotted.startswith(f"{inner}."):
            return outer + dotted[len(inner) :]
    return dotted
