"""The closed word lists that the rules rest on; a change here is a change of the rules."""


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP_WORDS = _set(
    """
a about above after again all also am an and any are as at be because been before being below
between both but by can could did do does doing down during each few for from further get got had
has have having he her here hers herself him himself his how i if in into is it its itself just me
more most my myself of off on once only or other our ours ourselves out over own same shall she
should so some such than that the their theirs them themselves then there these they this those
through to too under until up us very was we were what when where which while who whom whose why
will with would you your yours yourself yourselves not no nor may might must
"""
)

# Words that a copy may add without saying anything else.
HARMLESS = _set("a an the and that also then so too")

NEGATIONS = _set(
    """
    not no never none nobody nothing nowhere neither nor cannot without hardly barely scarcely
    rarely seldom refused refuse refuses failed fail fails unable stopped denied denies deny
    """
)
# Words whose scope turns what follows into less than an assertion.
HEDGES = _set(
    """
    maybe perhaps might may could probably possibly supposedly allegedly apparently seems seemed
    almost nearly think thought guess guessed suppose supposed doubt doubts wish wished hope hoped
    pretend pretended imagine imagined would should
    """
)
CONDITIONS = _set("if unless whether except until provided assuming otherwise")
# Words that say how firmly something is asserted, for the modality check.
MODALS = _set(
    """
    maybe perhaps might may could would probably possibly apparently seems seem seemed likely
    unlikely hope hopes hoped plan plans planned want wants wanted wish wishes try tries trying
    intend intends think thinks guess guesses suppose if unless
    """
)

REPORTING = _set(
    """
    said says say saying told tells tell wrote writes write written asked asks ask added adds add
    mentioned mentions mention noted notes note reported reports report admitted admits admit
    explained explains explain described describes describe recalled recalls recall called calls
    replied replies reply answered answers answer stated states state shared shares share
    acknowledged acknowledges remarked remarks commented comments observed observes put puts
    promised promises recorded records confirmed confirms repeated repeats quoted quotes words
    """
)
# What a sentence that introduces a quote may say besides a name, a date and a slice.
FRAME = (
    _set(
        """
        session sessions entry entries journal transcript note notes coach student program week day
        today yesterday morning evening afternoon night early earlier late later end beginning start
        started opened open closed close began again meanwhile according own word page line turn
        minute minutes hour time first last next point one talk talked spoke speak speaking asked
        """
    )
    | REPORTING
)

FILLERS = _set(
    """
    um umm uh uhh uhm er erm hm hmm mm mmm mhm mm-hmm uh-huh ah eh
    """
)

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
WEEKDAYS = _set("monday tuesday wednesday thursday friday saturday sunday")
# Words that place a statement in time: two statements about different times never disagree.
TIMES = WEEKDAYS | _set(
    """
    today yesterday tomorrow tonight morning afternoon evening night noon midnight weekend last
    next this previous following week month year now then before after early late earlier later
    january february march april may june july august september october november december
    spring summer autumn fall winter
    """
)

ABBREVIATIONS = _set(
    """
    mr mrs ms dr prof st sr jr rev hon vs etc e.g i.e eg ie cf al approx dept est fig figs eq no nos
    vol pp p ch sec ed eds inc ltd co corp univ jan feb mar apr jun jul aug sept sep oct nov dec
    mon tue tues wed thu thur thurs fri sat sun min max avg gen col lt sgt capt a.m p.m u.s u.k
    incl excl resp ca viz
    """
)
# Abbreviations that can end a sentence, when what follows starts one.
FINAL_ABBREVIATIONS = _set("etc a.m p.m u.s u.k inc ltd co corp jr sr")

ADVICE_OPENERS = _set(
    """
    consider try ask start keep plan use take make set write review continue focus remember explore
    encourage discuss invite schedule aim begin avoid bring check choose name pick agree revisit
    follow give help let look talk think stay return raise reflect draw list prepare practise
    practice suggest offer hold notice please
    """
)
ADVICE_MODALS = _set("should could might need ought must")
# Conjunctions behind which advice may carry a statement of fact.
SUBORDINATORS = _set("that because since given although though after as while when")

CONTRACTIONS = {
    "n't": ("not",),
    "can't": ("can", "not"),
    "won't": ("will", "not"),
    "shan't": ("shall", "not"),
    "ain't": ("is", "not"),
    "cannot": ("can", "not"),
    "let's": ("let", "us"),
}

IRREGULAR = {
    form: base
    for base, forms in {
        "sleep": "slept",
        "run": "ran",
        "go": "went gone goes",
        "say": "said says",
        "tell": "told",
        "write": "wrote written",
        "feel": "felt",
        "think": "thought",
        "keep": "kept",
        "leave": "left",
        "meet": "met",
        "begin": "began begun",
        "speak": "spoke spoken",
        "take": "took taken",
        "give": "gave given",
        "come": "came",
        "find": "found",
        "know": "knew known",
        "see": "saw seen",
        "make": "made",
        "get": "got gotten",
        "buy": "bought",
        "bring": "brought",
        "teach": "taught",
        "send": "sent",
        "spend": "spent",
        "build": "built",
        "lose": "lost",
        "pay": "paid",
        "do": "did done does",
        "eat": "ate eaten",
        "drink": "drank drunk",
        "drive": "drove driven",
        "break": "broke broken",
        "choose": "chose chosen",
        "forget": "forgot forgotten",
        "hold": "held",
        "hear": "heard",
        "sit": "sat",
        "stand": "stood",
        "swim": "swam swum",
        "wake": "woke woken",
        "win": "won",
        "child": "children",
        "person": "people persons",
        "man": "men",
        "woman": "women",
    }.items()
    for form in forms.split()
}
