"""What engineers write: small projects, each with an edit that is seen or named."""

from typing import Any

import pytest

# Files, the file that is edited, and the edit (old, new). A bare text is `flow.py`.
EDITS: dict[str, tuple[str | dict[str, str], str, str, str]] = {
    "registry in an object": (
        """\
class Reg:
    def __init__(self): self.items={}
    def add(self,f):
        self.items[f.__name__]=f
        return f
R=Reg()
@R.add
def h(): return 1
def stage(a:int)->str: return R.items['h']()
""",
        "flow.py",
        "return 1",
        "return 2",
    ),
    "registry in a class": (
        """\
class Reg:
    items={}
    @classmethod
    def add(cls,f):
        cls.items[f.__name__]=f
        return f
@Reg.add
def h(): return 1
def stage(a:int)->str: return Reg.items['h']()
""",
        "flow.py",
        "return 1",
        "return 2",
    ),
    "registry in a closure": (
        """\
def make():
    d={}
    def add(f):
        d[f.__name__]=f
        return f
    def get(n): return d[n]
    return add,get
add,get=make()
@add
def h(): return 1
def stage(a:int)->str: return get('h')()
""",
        "flow.py",
        "return 1",
        "return 2",
    ),
    "registry on a function": (
        """\
def reg(f):
    reg.items=[*getattr(reg,'items',[]),f]
    return f
@reg
def h(): return 1
def stage(a:int)->str: return reg.items[0]()
""",
        "flow.py",
        "return 1",
        "return 2",
    ),
    "registry in a default": (
        """\
def reg(f=None, items=[]):
    if f: items.append(f)
    return items
@reg
def h(): return 1
def stage(a:int)->str: return reg()[0]()
""",
        "flow.py",
        "return 1",
        "return 2",
    ),
    "registry that another module fills": (
        {
            "reg.py": """\
R={}
def reg(f):
    R[f.__name__]=f
    return f
""",
            "regs.py": """\
from reg import reg
@reg
def h(): return 1
""",
            "flow.py": """\
import regs
from reg import R
def stage(a:int)->str: return R['h']()
""",
        },
        "regs.py",
        "return 1",
        "return 2",
    ),
    "registry of subclasses": (
        """\
class B:
    kinds={}
    def __init_subclass__(cls, **k):
        B.kinds[cls.__name__]=cls
class C(B):
    def f(self): return 1
def stage(a:int)->str: return B.kinds['C']().f()
""",
        "flow.py",
        "return 1",
        "return 2",
    ),
    "registry of a metaclass": (
        """\
class M(type):
    reg={}
    def __new__(m,n,b,d):
        c=super().__new__(m,n,b,d); m.reg[n]=c; return c
class B(metaclass=M): pass
class C(B):
    def f(self): return 1
def stage(a:int)->str: return M.reg['C']().f()
""",
        "flow.py",
        "return 1",
        "return 2",
    ),
    "plugins that are found in a folder": (
        {
            "plug/__init__.py": """\
import pkgutil,importlib
REG={}
for m in pkgutil.iter_modules(__path__):
    importlib.import_module(f'plug.{m.name}')
""",
            "plug/a.py": """\
from plug import REG
def f(): return 1
REG['a']=f
""",
            "flow.py": """\
import plug
def stage(x:int)->str: return plug.REG['a']()
""",
        },
        "plug/a.py",
        "return 1",
        "return 2",
    ),
    "plugins in a list": (
        {
            "plugins/__init__.py": """\
from plugins import a, b
ALL=[a.P, b.P]
""",
            "plugins/a.py": """\
class P:
    def f(s): return 1
""",
            "plugins/b.py": """\
class P:
    def f(s): return 2
""",
            "flow.py": """\
import plugins
def stage(x:int)->str: return [p().f() for p in plugins.ALL]
""",
        },
        "plugins/b.py",
        "return 2",
        "return 3",
    ),
    "dispatch that another module extends": (
        {
            "r.py": """\
import functools
@functools.singledispatch
def render(x): return 0
""",
            "m.py": "class A: pass\n",
            "reg.py": """\
from r import render
from m import A
@render.register
def _(x: A): return 1
""",
            "flow.py": """\
import reg
from r import render
from m import A
def stage(x:int)->str: return render(A())
""",
        },
        "reg.py",
        "return 1",
        "return 2",
    ),
    "attributes that a module makes": (
        {
            "cfg.py": "def __getattr__(n): return 1\n",
            "flow.py": """\
import cfg
def stage(a:int)->str: return cfg.x
""",
        },
        "cfg.py",
        "return 1",
        "return 2",
    ),
    "attributes that a package loads": (
        {
            "cfg/__init__.py": """\
def __getattr__(n):
    from cfg import inner
    return inner.V
""",
            "cfg/inner.py": "V=1\n",
            "flow.py": """\
import cfg
def stage(a:int)->str: return cfg.x
""",
        },
        "cfg/inner.py",
        "V=1",
        "V=2",
    ),
    "name that a package passes on": (
        {
            "p/__init__.py": "from p.a import f\n",
            "p/a.py": "def f(): return 1\n",
            "flow.py": """\
import p
def stage(a:int)->str: return p.f()
""",
        },
        "p/a.py",
        "return 1",
        "return 2",
    ),
    "later star import": (
        {
            "p/__init__.py": """\
from p.a import *

""",
            "p/a.py": "def f(): return 1\n",
            "p/b.py": "def f(): return 3\n",
            "flow.py": """\
from p import f
def stage(a:int)->str: return f()
""",
        },
        "p/__init__.py",
        "\n\n",
        "\nfrom p.b import *\n",
    ),
    "import that may fail": (
        {
            "fast.py": "def f(): return 1\n",
            "flow.py": """\
try:
    from fast import f
except ImportError:
    def f(): return 0
def stage(a:int)->str: return f()
""",
        },
        "fast.py",
        "return 1",
        "return 2",
    ),
    "import under a condition": (
        {
            "fast.py": "def f(): return 1\n",
            "flow.py": """\
def stage(a:int)->str:
    if a:
        import fast as q
    else:
        import json as q
    return q.f()
""",
        },
        "fast.py",
        "return 1",
        "return 2",
    ),
    "relative import in a function": (
        {
            "p/__init__.py": "",
            "p/a.py": """\
def stage(a:int)->str:
    from .b import f
    return f()
""",
            "p/b.py": "def f(): return 1\n",
            "flow.py": "from p.a import stage\n",
        },
        "p/b.py",
        "return 1",
        "return 2",
    ),
    "module in a table": (
        {
            "h.py": "V=1\n",
            "flow.py": """\
import h
M={'h':h}
def stage(a:int)->str: return M['h'].V
""",
        },
        "h.py",
        "V=1",
        "V=2",
    ),
    "module as an argument": (
        {
            "h.py": "V=1\n",
            "flow.py": """\
import h
def g(m): return m.V
def stage(a:int)->str: return g(h)
""",
        },
        "h.py",
        "V=1",
        "V=2",
    ),
    "file read on import": (
        {
            "c.json": '{"a":1}',
            "flow.py": """\
import json,pathlib
T=json.loads((pathlib.Path(__file__).parent/'c.json').read_text())
def stage(a:int)->str: return T['a']
""",
        },
        "c.json",
        "1",
        "2",
    ),
    "settings read on import": (
        {
            "c.yaml": "a: 1\n",
            "flow.py": """\
import yaml,pathlib
T=yaml.safe_load(pathlib.Path(__file__).with_name('c.yaml').read_text())
def stage(a:int)->str: return T['a']
""",
        },
        "c.yaml",
        "1",
        "2",
    ),
    "settings with one replaced": (
        """\
from dataclasses import dataclass, replace
@dataclass(frozen=True)
class C:
    k:int=1
BASE=C()
CFG=replace(BASE,k=5)
def stage(a:int)->str: return CFG.k
""",
        "flow.py",
        "k=5",
        "k=6",
    ),
    "work after a dataclass is made": (
        """\
from dataclasses import dataclass
@dataclass
class C:
    k:int=1
    def __post_init__(self): self.z=9
def stage(a:int)->str: return C().z
""",
        "flow.py",
        "=9",
        "=8",
    ),
    "dataclass by a decorator of one's own": (
        """\
import dataclasses
def model(c): return dataclasses.dataclass(c, frozen=True)
@model
class C:
    a:int
def stage(x:int)->str:
    c=C(1)
    try: c.a=2
    except Exception: pass
    return c.a
""",
        "flow.py",
        "frozen=True",
        "frozen=False",
    ),
    "dataclass by another module": (
        {
            "m.py": """\
import dataclasses
def model(c): return dataclasses.dataclass(eq=True)(c)
""",
            "flow.py": """\
from m import model
@model
class C:
    a:int
def stage(x:int)->str: return C(1)==C(1)
""",
        },
        "m.py",
        "eq=True",
        "eq=False",
    ),
    "dataclass by its base": (
        """\
import dataclasses
class B:
    def __init_subclass__(c,**k): dataclasses.dataclass(eq=True)(c)
class C(B):
    a:int=1
def stage(x:int)->str: return C()==C()
""",
        "flow.py",
        "eq=True",
        "eq=False",
    ),
    "members with behaviour": (
        """\
import enum
class M(enum.Enum):
    A='a'
    B='b'
    def run(self,x): return HANDLERS[self](x)
def ha(x): return 1
def hb(x): return 2
HANDLERS={M.A:ha,M.B:hb}
def stage(a:int)->str: return M.A.run(3)
""",
        "flow.py",
        "return 1",
        "return 3",
    ),
    "member that looks up a table": (
        """\
import enum
class S(enum.Enum):
    A='a'
    @property
    def fn(self): return _F[self.value]
_F={'a':lambda x: x+1}
def stage(x:int)->str: return S.A.fn(x)
""",
        "flow.py",
        "x+1",
        "x+2",
    ),
    "cached property": (
        """\
import functools
class C:
    @functools.cached_property
    def t(self): return mk()
def mk(): return 1
X=C()
def stage(a:int)->str: return X.t
""",
        "flow.py",
        "return 1",
        "return 2",
    ),
    "decorator with a state": (
        """\
class D:
    def __init__(self,n): self.n=n
    def __call__(self,f):
        def w(*a): return f(*a)+self.n
        return w
@D(1)
def h(x): return x
def stage(a:int)->str: return h(a)
""",
        "flow.py",
        "D(1)",
        "D(2)",
    ),
    "functions composed": (
        """\
import functools
def compose(*fs): return functools.reduce(lambda f,g: lambda x: g(f(x)), fs)
P=compose(lambda x: x+1, lambda x: x*2)
def stage(a:int)->str: return P(a)
""",
        "flow.py",
        "x*2",
        "x*3",
    ),
    "closures made in a loop": (
        """\
def mk():
    F=[]
    for i in (1,2):
        F.append(lambda x: x+i)
    return F
F=mk()
def stage(a:int)->str: return F[0](1)
""",
        "flow.py",
        "(1,2)",
        "(1,3)",
    ),
    "lambdas on one line": (
        """\
T=[lambda x: x+1, lambda x: x+2]
def stage(a:int)->str: return T[0](1)
""",
        "flow.py",
        "x+1, lambda x: x+2",
        "x+2, lambda x: x+1",
    ),
    "closure over an instance": (
        """\
class A:
    def __init__(s,v): s.v=v
def mk(o): return lambda: o.v
G=mk(A(1))
def stage(a:int)->str: return G()
""",
        "flow.py",
        "A(1)",
        "A(2)",
    ),
    "bound method": (
        """\
class A:
    def __init__(s,v): s.v=v
    def f(s): return s.v
F=A(1).f
def stage(a:int)->str: return F()
""",
        "flow.py",
        "A(1)",
        "A(2)",
    ),
    "method applied in part": (
        """\
import functools
class C:
    def f(s,x): return x
    g=functools.partialmethod(f,1)
def stage(a:int)->str: return C().g()
""",
        "flow.py",
        "f,1",
        "f,2",
    ),
    "descriptor": (
        """\
class D:
    def __get__(s,i,o): return 1
    def __set_name__(s,o,n): s.n=n
class C:
    x=D()
def stage(a:int)->str: return C.x
""",
        "flow.py",
        "return 1",
        "return 2",
    ),
    "property of a metaclass": (
        """\
class M(type):
    @property
    def p(cls): return 1
class C(metaclass=M): pass
def stage(a:int)->str: return C.p
""",
        "flow.py",
        "return 1",
        "return 2",
    ),
    "attributes of a metaclass": (
        """\
class M(type):
    def __getattr__(cls,n): return 1
class C(metaclass=M): pass
def stage(a:int)->str: return C.zz
""",
        "flow.py",
        "return 1",
        "return 2",
    ),
    "attributes that are all intercepted": (
        """\
class P:
    def __init__(s): object.__setattr__(s,'v',1)
    def __getattribute__(s,n): return object.__getattribute__(s,'v')+5
X=P()
def stage(x:int)->str: return X.z
""",
        "flow.py",
        ",1)",
        ",2)",
    ),
    "state that all instances share": (
        """\
class B:
    _s={}
    def __init__(s): s.__dict__=s._s
B().v=1
def stage(x:int)->str: return B().v
""",
        "flow.py",
        "v=1",
        "v=2",
    ),
    "instance of another class": (
        """\
class A:
    def f(s): return 1
class B:
    def f(s): return 2
X=A()
X.__class__=B
def stage(x:int)->str: return X.f()
""",
        "flow.py",
        "__class__=B",
        "__class__=A",
    ),
    "dictionary with attributes": (
        """\
class AD(dict):
    def __init__(s,**k): super().__init__(k); s.__dict__=s
X=AD(a=1)
def stage(x:int)->str: return X.a
""",
        "flow.py",
        "a=1",
        "a=2",
    ),
    "method replaced": (
        """\
class A:
    def f(s): return 1
def g(s): return 2
A.f=g
def stage(a:int)->str: return A().f()
""",
        "flow.py",
        "return 2",
        "return 3",
    ),
    "setter": (
        """\
class C:
    @property
    def x(self): return self._x
    @x.setter
    def x(self,v): self._x=v+1
def stage(a:int)->str:
    c=C(); c.x=1
    return c.x
""",
        "flow.py",
        "v+1",
        "v+2",
    ),
    "operator from the right": (
        """\
class C:
    def __add__(s,o): return 1
    def __radd__(s,o): return 5
def stage(a:int)->str: return 1+C()
""",
        "flow.py",
        "return 5",
        "return 6",
    ),
    "missing key of a template": (
        """\
class D(dict):
    def __missing__(s,k): return 'q'
X=D(a=1)
def stage(a:int)->str: return '{z}'.format_map(X)
""",
        "flow.py",
        "'q'",
        "'r'",
    ),
    "format of an instance": (
        """\
class C:
    def __format__(s,f): return 'a'
def stage(a:int)->str: return f'{C()}'
""",
        "flow.py",
        "'a'",
        "'b'",
    ),
    "template": (
        """\
import string
T=string.Template('$a x')
def stage(a:int)->str: return T.substitute(a=1)
""",
        "flow.py",
        "x'",
        "y'",
    ),
    "width in a format": (
        """\
W=10
def stage(a:int)->str: return f'{a:>{W}}'
""",
        "flow.py",
        "W=10",
        "W=11",
    ),
    "translations of one's own": (
        """\
import gettext
class T(gettext.NullTranslations):
    def gettext(self,m): return m+'1'
_=T().gettext
def stage(a:int)->str: return _('hi')
""",
        "flow.py",
        "'1'",
        "'2'",
    ),
    "function in an annotation": (
        """\
from typing import Annotated, get_type_hints
class Dep:
    def __init__(s,f): s.f=f
def p(): return 1
def h(x: Annotated[int, Dep(p)]): return x
def call(f):
    t=get_type_hints(f,include_extras=True)['x'].__metadata__[0]
    return f(t.f())
def stage(x:int)->str: return call(h)
""",
        "flow.py",
        "return 1",
        "return 2",
    ),
    "validator from a closure": (
        """\
from pydantic import BaseModel, field_validator
def mk(n):
    def v(cls,x): return x+n
    return v
class M(BaseModel):
    a:int
    _v=field_validator('a')(mk(1))
def stage(m:M)->str: return m.a
""",
        "flow.py",
        "mk(1)",
        "mk(2)",
    ),
    "bound of a field": (
        """\
from pydantic import BaseModel, Field
MAX=3
class M(BaseModel):
    a:int=Field(le=MAX)
def stage(m:M)->str: return m.a
""",
        "flow.py",
        "MAX=3",
        "MAX=4",
    ),
    "model named later": (
        """\
from __future__ import annotations
from pydantic import BaseModel
class M(BaseModel):
    n:list[N]
class N(BaseModel):
    a:int
    def f(self): return 1
def stage(m:M)->str: return m.n[0].f()
""",
        "flow.py",
        "return 1",
        "return 2",
    ),
    "member in a model": (
        """\
import enum
from pydantic import BaseModel
class E(enum.Enum):
    A='a'
    def f(s): return 1
class M(BaseModel):
    e:E
def stage(m:M)->str: return m.e.f()
""",
        "flow.py",
        "return 1",
        "return 2",
    ),
    "method of a protocol": (
        """\
from typing import Protocol
class P(Protocol):
    def f(self): return 1
class C(P): pass
def stage(a:int)->str: return C().f()
""",
        "flow.py",
        "return 1",
        "return 2",
    ),
    "method of a generic class": (
        """\
from typing import Generic, TypeVar
T=TypeVar('T')
class Box(Generic[T]):
    def __init__(s,v): s.v=v
    def get(s): return 1
class IB(Box[int]): pass
def stage(a:int)->str: return IB(1).get()
""",
        "flow.py",
        "return 1",
        "return 2",
    ),
    "method of a tuple": (
        """\
from typing import NamedTuple
class T(NamedTuple):
    a:int=1
    def f(s): return 1
def stage(a:int)->str: return T().f()
""",
        "flow.py",
        "return 1",
        "return 2",
    ),
    "fields of a tuple by a constant": (
        """\
from collections import namedtuple
N='a b'
T=namedtuple('T',N)
def stage(a:int)->str: return T(1,2).a
""",
        "flow.py",
        "'a b'",
        "'b a'",
    ),
    "keys of a typed dictionary": (
        """\
from typing import TypedDict
T=TypedDict('T',{'a':int})
def stage(a:int)->str: return list(T.__annotations__)
""",
        "flow.py",
        "'a':int",
        "'b':int",
    ),
    "comprehension in a class": (
        """\
K=3
class C:
    t=[i for i in range(K)]
def stage(a:int)->str: return C.t
""",
        "flow.py",
        "K=3",
        "K=4",
    ),
    "class that a decorator replaces": (
        """\
def d(c):
    class N(c):
        def f(self): return 1
    return N
@d
class C: pass
def stage(a:int)->str: return C().f()
""",
        "flow.py",
        "return 1",
        "return 2",
    ),
    "constant set by a call": (
        """\
CFG=None
def init(v):
    global CFG
    CFG=v
init(1)
def stage(x:int)->str: return CFG
""",
        "flow.py",
        "init(1)",
        "init(2)",
    ),
    "settings that the flow changes": (
        {
            "cfg.py": "OPTS={'a':0}\n",
            "flow.py": """\
import cfg
cfg.OPTS['a']=1
def stage(x:int)->str: return cfg.OPTS['a']
""",
        },
        "flow.py",
        "=1",
        "=2",
    ),
    "text that adds itself": (
        """\
class P(str):
    def __add__(s,o): return P(str(s)+'|'+o)
X=P('a')+'b'
def stage(x:int)->str: return X
""",
        "flow.py",
        "'|'",
        "'-'",
    ),
    "attribute of an exception": (
        """\
class E(Exception):
    code=1
    def __init__(s,m,code=None): super().__init__(m); s.code=code or s.code
def stage(x:int)->str:
    try: raise E('x')
    except E as e: return e.code
""",
        "flow.py",
        "code=1",
        "code=2",
    ),
    "delimiter of a template": (
        """\
import string
class T(string.Template):
    delimiter='%'
X=T('%a')
def stage(x:int)->str: return X.substitute(a=1)
""",
        "flow.py",
        "delimiter='%'",
        "delimiter='#'",
    ),
    "table of patterns": (
        """\
import re
R=[(re.compile(p),s) for p,s in [('a','b')]]
def stage(a:int)->str: return R[0][0].sub(R[0][1],'a')
""",
        "flow.py",
        "'a','b'",
        "'c','b'",
    ),
}


@pytest.mark.parametrize("case", EDITS)
def test_an_edit_is_seen_and_a_comment_is_not(case: str, project: Any) -> None:
    files, path, old, new = EDITS[case]
    for name, text in ({"flow.py": files} if isinstance(files, str) else files).items():
        project.put(name, text)
    before = project.closure()
    project.put("flow.py", (project.folder / "flow.py").read_text() + "\n\n# a comment\n")
    assert project.closure().digest == before.digest
    project.edit(path, old, new)
    assert project.closure().digest != before.digest
