"""Names of statutes to the patterns by which bills cite them. A citation counts only in its own code.

`{cite/us/22/7631}` in a rule stands for the pattern. 22 U.S.C. 7631 is the anti-prostitution pledge; 16 U.S.C. 7631 is
wildlife. A later version makes this table a grammar with normal forms.
"""

from __future__ import annotations


def _us_code(title: int, section: str) -> str:
    """Federal: "22 U.S.C. 7631(f)", "section 1591 of title 18, United States Code", "title 18 ... section 1591"."""
    return (rf"\b{title} U\.? ?S\.? ?C\.? (?:sec(?:tion|\.)? |§+ ?)?{section}(?:\b|\()"
            rf"|\bsections? {section}(?:\([\w]{{1,4}}\))* of title {title}\b")  # fmt: skip


CITATIONS: dict[str, str] = {
    "us/18/1591": _us_code(18, "1591"),  # sex trafficking of children or by force, fraud or coercion
    "us/18/1594": _us_code(18, "1594"),
    "us/18/1595": _us_code(18, "1595"),  # civil remedy
    "us/18/2421": _us_code(18, "2421"),  # transportation for prostitution (Mann Act)
    "us/18/2421A": _us_code(18, "2421A"),  # promotion of prostitution by an interactive computer service
    "us/18/2422": _us_code(18, "2422"),
    "us/18/2423": _us_code(18, "2423"),
    "us/22/7102": _us_code(22, "7102"),  # definitions of the Trafficking Victims Protection Act
    "us/22/7104": _us_code(22, "7104"),  # prevention; (g) terminates grants and contracts
    "us/22/7106": _us_code(22, "7106"),  # minimum standards
    "us/22/7107": _us_code(22, "7107"),  # actions against governments; tiers
    "us/22/7110": _us_code(22, "7110"),  # authorisations; (g) restricts use of funds
    "us/22/7631": _us_code(22, "7631"),  # (e), (f): limitation and pledge
    "us/47/230": _us_code(47, "230"),
    "us/18/77": r"\bchapter 77 of title 18\b",  # peonage, slavery and trafficking in persons
    "us/18/3014": _us_code(18, "3014"),  # assessment that pays for victims' services
    "us/18/3771A": _us_code(18, "3771A"),  # victims' motions to vacate
    "us/22/2152d": _us_code(22, "2152d"),  # aid against trafficking
    "us/42/300d-54": _us_code(42, "300d.{1,3}54"),  # training of health workers (SOAR)
    "us/8/T": r"\b8 U\.? ?S\.? ?C\.? 1101\(a\)\(15\)\(T\)",  # T visas
    "us/34/207": r"\b34 U\.? ?S\.? ?C\.? 207\d\d",  # trafficking victims
    "tvpa": r"Trafficking Victims Protection(?: Reauthorization)? Act|Victims of Trafficking and Violence Protection"
            r"|Justice for Victims of Trafficking Act|Trafficking Victims Prevention",
    "aids-act-2003": r"Leadership Against HIV/?AIDS, Tuberculosis,? and Malaria Act of 2003",
    # Prostitution articles of the states' codes, as their own bills cite them.
    "us-ny/prostitution": r"\bsections? (?:230\.\d\d|240\.37) of (?:the|such) penal law"
                          r"|\barticle 230 of the penal law",
    "us-ca/prostitution": r"\bsections? 653\.2[0-8]\b|\bsubdivision \(b\) of section 647\b|\bsection 647\(b\)",
    "us-wa/prostitution": r"\bRCW 9A\.88\.\d{3}|\bchapter 9A\.88 RCW",
    "us-or/prostitution": r"\bORS 167\.0(?:0[7-9]|1\d|2[0-7])",
    "us-il/prostitution": r"\b720 ILCS 5/11-1[4-9]",
    "us-tx/prostitution": r"\bsections? 43\.0[2-6]\d?\b,? penal code",
    "us-tx/trafficking": r"\bchapter 20A,? penal code|\bsection 20A\.0\d,? penal code",
    "us-vt/prostitution": r"\b13 V\.?S\.?A\.? (?:chapter 59|ch\. 59|§+ ?263\d)",
    "us-me/prostitution": r"\b17-A ?M\.?R\.?S\.?A? ?§+ ?85[1-5]",
    "us-hi/prostitution": r"\b712-120[013-9](?:\.\d)?\b",
    "us-mi/prostitution": r"\bsections? 4(?:48|49a?|5\d) of the michigan penal code|MCL 750\.4(?:48|49a?|5\d)",
    "us-ri/prostitution": r"\b11-34\.1",
    "us-la/prostitution": r"\bR\.?S\.? 14:8[2-9]",
    "us-mn/prostitution": r"\b(?:section )?609\.32[1-5]",
    "us-az/prostitution": r"\b13-321[1-4]\b",
    "us-sd/prostitution": r"\b22-23-\d|\bchapter 22-23\b",
    "ca/prostitution": r"\b286\.[1-5]\b",
    "ca/trafficking": r"\b279\.0(?:1|11|2|3|4)\b",
    # The same law by number only, wherever a state keeps it: too short to prove anything unless a sentence repeals it.
    "prostitution-codes":
        r"\b43\.0[2-6]\d?\b|\bStreet Offences Act 1959|\bSexual Offences Act 1956"
        r"|\bPennsylvania Consolidated Statutes|\b17-A M\.?R\.?S\.?A?\.? (?:c\.|ch)"
        r"|\b2C:34-1\b|\bsection 53A of chapter 272|\b796\.0\d|\bNRS 201\.3\d\d|\b2907\.2[1-5]\b"
        r"|\b18\.2-3(?:4[6-9]|5\d)\b"
        r"|\b76-5d-2\d\d\b|\b76-10-13\d\d\b|\b11-30[1-6] of the criminal law|\b18-7-20\d\b|\b53a-8[2-9]\b"
        r"|\b16-6-(?:9|1[0-6])\b|\b14-20[3-8]\b|\b725\.[1-4]\b|\b16-15-(?:9|10|11)0\b|\b567\.0\d0\b|\b645:2\b"
        r"|\b30-9-[2-9]\b|\b22-27\d\d\b|\b529\.0\d0\b|\b944\.3[0-4]\b|\b11\.66\.1[0-5]0\b|\b6-4-10[1-3]\b"
        r"|\b45-5-60\d\b|\b18-56\d\d\b|\b13A-12-1[12]\d\b|\b21-64(?:19|2[01])\b|\b35-45-4-[2-4]\b|\b5-70-10\d\b"
        r"|\b97-29-(?:49|5[0-3])\b|\b61-8-[5-8]\b|\bpa\.? ?c\.? ?s\.?[^.;]{0,20}5902|\b28-80[1-5]\b|\b39-13-51[2-6]\b"
        r"|\b750\.4(?:48|49a?|5\d)\b|\b9A\.88\b|\b712-120\d\b|\b13-321\d\b|\b286\.[1-5]\b|\b53A\b",
    "us-nj/trafficking": r"\bC\.?2C:13-(?:8|9|1[0-2])\b",
}
