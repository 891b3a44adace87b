"""The words by which addresses outside Japan are known: kinds of streets in many languages, units, states.

The lists were written down for this project from general knowledge of how mail is addressed in each country.
"""

STREET_KINDS = (
    "Street|St|Avenue|Ave|Av|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Terrace|Ter|Parkway|Pkwy"
    "|Highway"
    "|Hwy|Freeway|Turnpike|Crescent|Cres|Square|Sq|Gardens|Mews|Grove|Alley|Circle|Cir|Close|Plaza"
    "|Trail|Esplanade"
    "|Promenade|Broadway|Causeway|Embankment|Marg|Nagar"
)
"""Make a street of a number and a name before them."""
SOFT_STREET_KINDS = (
    "Way|Place|Pl|Walk|Row|Loop|Path|Pass|Point|Hill|Green|Park|View|Ridge|Run|Gate|Rise|Wharf|Quay"
    "|Bend|Crossing"
    "|Landing|Meadow|Meadows|Heights|Hollow|Glen|Creek|Center|Centre|Garden|Field|Fields|Common|Vale"
    "|Yard|Cove|Mill"
    "|Station|Ferry|Island|Isle|Forge|Parade|Strand|Spur|Mall|Manor|Valley|Canyon|Bypass|Extension|Flats"
)
"""Do so only where the address goes on or a cue stands before: “5 Easy Way” is no address."""
SMALL_STREET_KINDS = "street|avenue|road|lane|boulevard|crescent|ave|rd|blvd"
"""As people write without capitals."""

KINDS_BEFORE = (
    # French, Italian, Spanish, Portuguese, Catalan, Romanian
    "rue|avenue|boulevard|bd|chemin|all[ée]e|impasse|quai|faubourg|chauss[ée]e|viale|vicolo|piazza|piazzale"
    r"|lungomare|contrada|calle|c/|avenida|avda\.?|av\.|paseo|carretera|camino|traves[ií]a|carrer|avinguda"
    r"|rua|travessa|pra[çc]a|alameda|estrada|rodovia|bulevardul|"
    # Slavic languages, Greek
    r"ul\.|al\.|os\.|pl\.|aleja|aleje|osiedle|ulica|ulice|n[áa]m[ěe]st[íi]|t[řr][íi]da|cesta"
    r"|улица|ул\.|проспект|οδός|πλατεία|λεωφόρος|"
    # Malay and Indonesian
    r"jalan|jln?\."
)
"""Stand before the name; the number comes first or last."""
CAPITAL_KINDS_BEFORE = "Via|Corso|Largo|Strada|Place|Cours|Square|Passage|Plaza|Ronda|Plac|Trg"
"""Do so too, but are words of other meaning when they are written small."""
SMALL_KINDS_BEFORE = "place|cours|square|passage|route"
"""Do so behind a number and before a particle: “2 place de la …”."""

KINDS_BEHIND = (
    r"stra(?:ß|ss)e|str\.|gasse|platz|weg|allee|ufer|damm|chaussee|straat|laan|plein|kade|gracht|singel|dijk"
    r"|(?<=s )gate|gata|gatan|vei|veien|vej|v[äa]g|v[äa]gen|all[ée]|torg|plads|katu|(?<=n )tie|kuja"
    r"|polku|t[äa]nav|(?<=[aeiu] )tee|mnt\.?|pst\.?"
    r"|[úu]t|[úu]tja|utca|u\.|t[ée]r|tere|k[öo]r[úu]t|krt\.?|rkp\.?|s[ée]t[áa]ny|k[öo]z|fasor|ulica"
    r"|ulice|cesta|trg"
    r"|sokak|sok\.|caddesi|cad\.|iela|gatve|gatv[ėe]|prospektas"
)
"""Stand between the name and the number, as words of their own."""
CAPITAL_KINDS_BEHIND = r"Stra(?:ß|ss)e|Str\.|Gasse|Platz|Allee|Ufer|Damm|Chaussee"
"""Do so too, behind the adjective that a German street may have: “Lange Straße 4”."""
GLUED_KINDS = (
    r"stra(?:ß|ss)e|str\.|gasse|platz|weg|allee|ufer|damm|steig|graben|g[üu]rtel|chaussee|straat|laan"
    r"|plein|kade"
    r"|gracht|singel|dijk|steeg|gade|gata|gatan|gaten|vej|veien|vegen|v[äa]gen|torget|torvet|plads"
    r"|str[æe]de|stien"
    r"|br[aá]ut(?:in)?|str[æe]ti|vegur|katu|ntie|kuja|polku|kaari|bakken|svingen"
)
"""End the street's one word; the number follows."""

UNITS = (
    r"apartment|apt|appartement|suite|ste|flat|unit|floor|level|room|rm|bldg|building|block|studio"
    r"|penthouse|piso"
    r"|planta|puerta|interno|scala|bte|lgh|hinterhaus|whg"
)
"""Parts of a house, before their number or letter."""
HOUSE_NAMES = "Cottage|House|Farm|Barn|Lodge|Hall|Mill|Manor|Villa|Rectory|Vicarage|Court|Mansions|Tower"

PARTICLES = (
    "de|del|della|delle|dei|degli|di|da|do|dos|das|du|des|la|le|les|lo|las|los|van|von|vom|der|den|dem"
    "|het|ter|ten"
    "|aan|an|am|im|op|zum|zur|et|und|y|e|of|the|sur|sous|nad|pod|na|bei|auf|en|d'|l'|dell'"
)
"""Small words inside names of streets and places."""

STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|IA|ID|IL|IN|KS|KY|LA|MA|MD|ME|MI|MN|MO|MS|MT|NC|ND|NE|NH|NJ|NM|NV"
    "|NY|OH|OK"
    "|OR|PA|RI|SC|SD|TN|TX|UT|VA|VT|WA|WI|WV|WY|DC|PR|AA|AE|AP|AB|BC|MB|NB|NL|NS|NT|NU|ON|PE|QC|SK|YT"
    "|NSW|VIC|QLD"
    "|SA|TAS|ACT"
)

_NO_PLACES = """
a about after all also and any are as at be because before but by can could dear did do does each email
every fax few for from had has have he hello help her hi his how i if in into is it its just kind let many
may me mobile more most much my name need no not note now of off on once one only or order our out over
per phone please ps regards reply same see she should since sincerely so some such tel thank thanks that
the their them then there these they this those through to today tomorrow tonight too two unfortunately
until up us use was we were what when where which while who why will with without would yes yesterday you
your yours best cheers monday tuesday wednesday thursday friday saturday sunday january february march
april june july august september october november december windows mac macos ios android linux ubuntu
debian firefox thunderbird chrome edge safari outlook office excel word teams gmail google microsoft apple
samsung galaxy iphone ipad version ver build release update step page chapter section figure table line
column row item items option level error code ticket case invoice model serial product part number id ref
account user users password port server client http https usb ram ssd hdd cpu gpu gb mb tb kb mhz ghz pro
plus max mini creative flash hard pen network shared cloud disk drives external virtual thumb pm utc gmt
est pst cet jst usd eur gbp jpy yen dollars euros star stars times days hours minutes seconds weeks months
years percent people
"""
NO_PLACES = frozenset(_NO_PLACES.split())
"""Words of sentences and products: none of them is part of an address, however it is capitalised."""
