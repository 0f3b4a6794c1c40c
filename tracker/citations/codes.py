# ruff: noqa: E501 - a table reads best with one row a line
"""The codes of the 50 states and of the District of Columbia: names, numbers and ways of writing.

One row a code. A row with `bare` is its legislature's only compilation: in that place "section N" needs no name as soon as N
is written in the code's manner. Sources: the style of each legislature's own bills; the reporters' tables of abbreviations.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    place: str  # "us-wa"
    slug: str  # "rcw"; with a title or chapter before the number where `titled`
    number: str  # pattern of a whole section number
    first: str = ""  # written before the number everywhere; a group is the title
    last: str = ""  # written after the number, without "of the"
    bare: bool = True
    home: str = ""  # written before the number, but only in the bills of the place itself: others use the letters too
    titled: bool = False
    prefix: str = ""  # of the number in the code, where an Act's own sections are numbered otherwise


_DASHED = r"\d{1,3}[A-Za-z]?(?:\.\d)?-\d{1,4}[A-Za-z]{0,2}(?:\.\d+)?"  # 22-23, 53a-82, 712-1200.5
_DASHED3 = r"\d{1,3}[A-Za-z]{0,2}(?:\.\d+)?-\d{1,4}[A-Za-z]{0,2}(?:\.\d+)?-\d{1,5}[A-Za-z]?(?:\.\d+)*"  # 76-5d-206
_POINTED = r"\d{1,3}[A-Z]{0,2}\.\d{2,5}[a-z]{0,2}"  # 609.321
_PLAIN = r"\d{1,5}[A-Za-z]{0,3}(?:\.\d+)?(?:-[\dA-Za-z]{1,4}){0,3}"
_STATUTES = r"(?: \d{4})?(?: Supp\.)?"

STATES: tuple[Code, ...] = (
    Code("us-al", "code", _DASHED3, r"Ala(?:bama|\.) Code(?: 1975)?", r"Code of Alabama(?: 1975)?"),
    Code("us-ak", "as", r"\d{2}\.\d{2}\.\d{3}", r"(?:Alaska Stat\.)", r"Alaska Statutes", home=r"AS"),
    Code("us-az", "ars", _DASHED, r"A\.R\.S\.", r"Arizona Revised Statutes"),
    Code("us-ar", "code", _DASHED3, r"(?:Arkansas Code(?: Annotated)?|Ark\. Code(?: Ann\.)?|A\.C\.A\.)"),
    Code("us-co", "crs", _DASHED3, r"C\.R\.S\.", r"(?:C\.R\.S\.?|Colorado Revised Statutes)"),
    Code("us-ct", "gs", _DASHED, r"(?:Conn\. Gen\. Stat\.|C\.G\.S\.)", r"(?:Connecticut )?general statutes"),
    Code("us-de", "delcode", _PLAIN, r"(\d{1,2}) Del\. ?C\.", r"Delaware Code", bare=False, titled=True),
    Code("us-dc", "code", _DASHED, r"D\.C\. (?:Official )?Code", r"(?:the )?D(?:istrict of Columbia|\.C\.) (?:Official )?Code"),
    Code("us-fl", "fs", _POINTED, r"Fla\. Stat\.", r"(?:F\.S\.|Florida Statutes)"),
    Code("us-ga", "ocga", _DASHED3, r"O\.C\.G\.A\.", r"O\.C\.G\.A\.|Official Code of Georgia(?: Annotated)?", home=r"Code Section"),
    Code("us-hi", "hrs", _DASHED, r"(?:Haw\. Rev\. Stat\.|H\.?R\.?S\.?)", r"Hawaii Revised Statutes"),
    Code("us-id", "ic", _DASHED, r"(?:Idaho Code|I\.C\.)", r"Idaho Code"),
    Code("us-il", "ilcs", r"\d{1,4}[A-Z]?(?:/|-)[\dA-Za-z.\-]+", r"(\d{2,3}) ILCS", bare=False, titled=True),
    Code("us-in", "ic", r"\d{1,2}(?:\.\d)?(?:-\d{1,3}(?:\.\d)?){3}", r"(?:Ind(?:iana|\.) Code)", home=r"IC"),
    Code("us-ia", "code", r"\d{1,3}[A-Z]?\.\d{1,4}[A-Z]{0,2}", r"Iowa Code", r"(?:Iowa )?Code(?: Supplement)?(?: \d{4})?"),
    Code("us-ks", "ksa", r"\d{1,2}[a-z]?-\d{1,5}[a-z]{0,2}", r"K\.?S\.?A\.?(?: \d{4} Supp\.)?"),
    Code("us-ky", "krs", _POINTED, r"KRS"),
    Code("us-la", "rs", r"\d{1,2}:\d{1,5}(?:\.\d+)*", r"La\. ?R\.S\.", r"Louisiana Revised Statutes(?: of 1950)?", home=r"R\.?S\.?"),
    Code("us-me", "mrs", _PLAIN, r"(\d{1,2}(?:-[A-Z])?) ?M\.? ?R\.? ?S\.?(?: ?A\.?)?", bare=False, titled=True),
    Code("us-md", "code", _DASHED, "", r"Annotated Code of Maryland", bare=False),
    Code("us-ma", "mgl", _PLAIN, r"(?:M\.?G\.?L\.?|G\.L\.),? c(?:h?\.|hapter) (\d{1,3}[A-Z]{0,2}),?", r"(?:Massachusetts )?General Laws", bare=False, titled=True),
    Code("us-mi", "mcl", r"\d{1,3}\.\d{1,5}[a-z]{0,3}", r"M\.?C\.?L\.?(?:A\.?)?"),
    Code("us-mn", "stat", r"\d{1,3}[A-Z]?\.\d{2,5}", r"(?:Minnesota Statutes|Minn\. ?Stat\.)" + _STATUTES + r",?", r"Minnesota Statutes" + _STATUTES),
    Code("us-ms", "code", _DASHED3, r"Miss(?:issippi|\.) Code(?: Ann(?:otated|\.))?", r"Mississippi Code of 1972"),
    Code("us-mo", "rsmo", _POINTED, r"(?:RSMo|Mo\. Rev\. Stat\.)", r"(?:RSMo|Revised Statutes of Missouri)"),
    Code("us-mt", "mca", _DASHED3, r"MCA", r"(?:MCA|Montana Code Annotated)"),
    Code("us-ne", "rrs", r"\d{1,2}-\d{1,4}(?:\.\d+)?", r"Neb\. Rev\. Stat\.", r"(?:Reissue )?Revised Statutes (?:Cumulative )?Supplement(?:, \d{4})?|Reissue Revised Statutes of Nebraska"),
    Code("us-nv", "nrs", _POINTED, r"N\.?R\.?S\.?", r"Nevada Revised Statutes"),
    Code("us-nh", "rsa", r"\d{1,3}(?:-[A-Z]{1,2})?:\d{1,3}(?:-[a-z]{1,3})?", r"N\.H\. RSA", home=r"RSA"),
    Code("us-nj", "njs", r"\d{1,2}[A-Z]?:\d{1,3}[A-Z]{0,3}(?:-\d{1,4}(?:\.\d+)*[a-z]?)?", r"N\.?J\.?S\.?(?:A\.?)?", home=r"(?:C\.|R\.S\.)"),
    Code("us-nm", "nmsa", _DASHED3, r"NMSA(?: 1978)?,?", r"(?:N\.?M\.?S\.?A\.?)(?: 1978)?"),
    Code("us-nc", "gs", r"\d{1,3}[A-Z]?-\d{1,4}(?:\.\d+[A-Z]?)*[A-Z]?", r"N\.C\. ?G(?:en)?\. ?S(?:tat)?\.", r"General Statutes", home=r"G\.S\."),
    Code("us-nd", "ndcc", r"\d{1,2}(?:\.\d)?-\d{1,2}(?:\.\d)?-\d{2}(?:\.\d)?", r"(?:NDCC|N\.D\.C\.C\.|N\.D\. Cent\. Code)", r"North Dakota Century Code"),
    Code("us-oh", "orc", r"\d{3,4}\.\d{1,4}", r"(?:R\.C\.|O\.?R\.?C\.?(?: Ann\.)?|Ohio Rev\. Code)", r"(?:the )?(?:Ohio )?Revised Code"),
    Code("us-ok", "os", _PLAIN, r"(\d{1,2}[A-Z]?) O\.S\.(?: \d{4})?,?", r"Oklahoma Statutes", bare=False, titled=True),
    Code("us-or", "ors", r"\d{1,3}[A-Z]?\.\d{3}", r"ORS"),
    Code("us-pa", "pacs", _PLAIN, r"(\d{1,2}) Pa\. ?C\.? ?S\.?(?:A\.?)?", r"Pennsylvania Consolidated Statutes", bare=False, titled=True),
    Code("us-ri", "gl", _DASHED3, r"R\.I\. Gen\. Laws", r"General Laws"),
    Code("us-sc", "code", _DASHED3, r"S\.C\. Code(?: Ann\.)?", r"(?:S\.C\.|1976) Code(?: of Laws)?"),
    Code("us-sd", "sdcl", _DASHED3, r"SDCL"),
    Code("us-tn", "tca", _DASHED3, r"(?:T\.C\.A\.|Tenn(?:essee|\.) Code Ann(?:otated|\.),?)", r"Tennessee Code Annotated"),
    Code("us-ut", "code", _DASHED3, r"Utah Code(?: Ann(?:otated|\.))?", r"Utah Code(?: Annotated)?"),
    Code("us-vt", "vsa", _PLAIN, r"(\d{1,2}[A-Z]?) V\.? ?S\.? ?A\.?", bare=False, titled=True),
    Code("us-va", "code", r"\d{1,2}(?:\.\d{1,2})?-\d{1,5}(?:\.\d+)*(?::\d+)?", r"Va\. Code(?: Ann\.)?", r"Code of Virginia"),
    Code("us-wa", "rcw", r"\d{1,2}[A-Z]?\.\d{2,3}[A-Z]?\.\d{3,4}", r"R\.?C\.?W\.?", r"RCW"),
    Code("us-wv", "code", r"\d{1,2}[A-Z]?-\d{1,2}[A-Z]{0,2}-\d{1,3}[a-z]{0,2}", r"W\. ?Va\. Code", r"Code of West Virginia(?:, 1931)?"),
    Code("us-wi", "stat", r"\d{1,3}\.\d{2,5}", r"Wis\. Stat\.", r"(?:Wisconsin )?statutes"),
    Code("us-wy", "ws", r"\d{1,2}(?:\.\d)?-\d{1,2}-\d{2,4}", r"(?:Wyo\. Stat\.(?: Ann\.)?|Wyoming Statutes?)", home=r"W\.S\."),
)  # fmt: skip

# Places whose law stands in many codes, each with a name: the slug, and the name as their bills write it.
NAMED: dict[str, tuple[tuple[str, str], ...]] = {
    "us-ny": (
        ("pen", "penal law"), ("cpl", "criminal procedure law"), ("cvp", r"civil practice law and rules|CPLR"),
        ("exc", "executive law"), ("sos", "social services law"), ("pbh", "public health law"), ("fct", "family court act"),
        ("edn", "education law"), ("gbs", "general business law"), ("lab", "labor law"), ("abc", "alcoholic beverage control law"),
        ("cor", "correction law"), ("cvr", "civil rights law"), ("mhy", "mental hygiene law"), ("rpp", "real property law"),
        ("rpa", "real property actions and proceedings law"), ("vat", "vehicle and traffic law"), ("ins", "insurance law"),
        ("nyc-ad", "administrative code of the city of New York"),
    ),
    "us-ca": (
        ("pen", "Penal Code"), ("wic", "Welfare and Institutions Code"), ("hsc", "Health and Safety Code"), ("gov", "Government Code"),
        ("bpc", "Business and Professions Code"), ("civ", "Civil Code"), ("ccp", "Code of Civil Procedure"), ("edc", "Education Code"),
        ("evid", "Evidence Code"), ("fam", "Family Code"), ("lab", "Labor Code"), ("veh", "Vehicle Code"), ("ins", "Insurance Code"),
        ("rtc", "Revenue and Taxation Code"), ("puc", "Public Utilities Code"), ("cons", "California Constitution"),
    ),
    "us-tx": (("penal", "Penal Code"), ("ccp", "Code of Criminal Procedure"), ("cprc", "Civil Practice and Remedies Code")),
    "us-md": (("criminal-law", "Criminal Law Article"), ("criminal-procedure", "Criminal Procedure Article")),
    "us-la": (("ccrp", r"Code of Criminal Procedure"), ("chc", "Children's Code"), ("cc", "Civil Code"), ("ce", "Code of Evidence")),
    "us-il": (
        ("ilcs/720/5", r"Criminal Code of (?:2012|1961)"), ("ilcs/725/5", "Code of Criminal Procedure of 1963"),
        ("ilcs/730/5", "Unified Code of Corrections"), ("ilcs/705/405", "Juvenile Court Act of 1987"),
        ("ilcs/625/5", "Illinois Vehicle Code"), ("ilcs/20/2630", "Criminal Identification Act"), ("ilcs/105/5", "School Code"),
    ),
    "us-mi": (("mcl/750.", "Michigan penal code"), ("ccrp", "code of criminal procedure")),

}  # fmt: skip
# What such names look like where the table does not hold them; the words become the slug.
GENERIC: dict[str, str] = {
    "us-ny": r"(?:[a-z][a-z'-]{1,20} (?:(?:and|of) )?){1,5}(?:law|act)\b",
    "us-ca": r"(?:[A-Z][a-z]{2,16} (?:and )?){1,5}Code\b",
    "us-tx": r"(?:[A-Z][a-z&]{2,16} (?:and )?){1,5}Code\b",
    "us-md": r"(?:[A-Z][a-z]{2,16} (?:and |- )?){1,5}Article\b",
    "us-il": r"(?:[A-Z][a-z]{2,16} (?:and |of |the )?){1,7}(?:Code|Act)(?: of \d{4})?\b",
    "us-mi": r"(?:[a-z][a-z']{2,16} (?:and )?){1,5}(?:code|act)(?: of \d{4})?\b",
}
ABBREVIATED = {"us-ny": r"N\.?Y\.?|New York", "us-ca": r"Cal(?:\.|ifornia)", "us-tx": r"Tex(?:\.|as)", "us-md": r"Md\.|Maryland",
               "us-la": r"La\.|Louisiana", "us-il": r"Illinois", "us-mi": r"Michigan"}  # fmt: skip
# Numbers that mean one thing alone in their place's bills, whatever code was named before.
ALONE: dict[str, tuple[str, str]] = {"us-ca": (r"653\.2\d|647\.\d|266[a-k]|236\.\d{1,2}", "us-ca/pen")}
