"""What a postal code is called in the languages of the countries that have one, and what is none."""

import re

POSTAL = (
    r"(?<![a-z])(?:zip(?:[ _\-]?codes?|s)?(?![ _\-]?(?:file|archive|folder|export|download|upload"
    r"|of(?![a-z])))|post(?:al)?[ _\-]?codes?|postal (?:index|number|no\.?)|pin[ _\-]?codes?"
    r"|eircode|plz|postleitzahl|cep|c[óo]digo postal|code postal|codi postal|codice postale|cod po[șşs]tal"
    r"|(?-i:CAP|C\.P\.|CP(?= ?:)|[TΤ]\.[KΚ]\.|ΤΚ)(?=[\s:è]{0,4}$)"
    r"|postnummer|postnr\.?|postinumero|p[óo]stn[úu]mer|sihtnumber"
    r"|kod pocztowy|psč|ir[áa]ny[íi]t[óo]sz[áa]m|po[šs]tanski broj|po[šs]tna [šs]tevilka|pa[šs]to kodas"
    r"|pasta indekss|posta kodu|kode pos|poskod|m[ãa] b[ưu]u (?:ch[íi]nh|[đd]i[ệe]n))(?![a-z])"
    r"|индекс|індекс|пощенски код|поштански број|郵便番号|[〒〠〶]"
    r"|邮编|邮政编码|郵遞區號|邮递区号|우편번호|รหัสไปรษณีย์|पिन कोड|الرمز البريدي|מיקוד"
)
"""For text up to the code, in any case. Small “cap” is a word of its own, and a zip of files no code."""

AREAS = (
    "A[BL]|B[ABDHLNRSTX]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUXY]?|H[ADGPRSUX]|I[GMPV]|JE|K[ATWY]"
    "|L[ADELNSU]?|M[EKL]?|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?|T[ADFNQRSW]|UB|W[ACDFNRSV]?"
    "|YO|ZE"
)
"""The letters with which British codes start, one group for each town that sorts mail."""

COUNTED = re.compile(
    r" ?(?:%|[KMGT]i?B(?![A-Za-z])|bytes?|rows?|files?|items?|records?|entries|requests?|users?|customers?"
    r"|people|times|orders?|ms|sec(?:ond)?s?|minutes|hours|days|results?|errors?|characters|chars|digits|lines|pages"
    r"|yen|dollars|euros?|units|pieces|tickets|messages|contacts|addresses)(?![a-z])",
    re.IGNORECASE,
)
"""Behind a number that is no code, but how many there are."""
