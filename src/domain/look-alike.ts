/**
 * Letters of other scripts that a reader takes for Latin ones, each beside the letter it is taken for. Upper and lower
 * case stand apart: Greek capital nu looks like N, the small one like v.
 */
const DOUBLES: readonly (readonly [script: string, latin: string])[] = [
  // Cyrillic
  ['АВЕЅІЈКМНОРСТУХҮԌԚԜҺ', 'ABESIJKMHOPCTYXYGQWh'],
  ['авеѕіјкмнорстухүԍԛԝһԁӏӀ', 'abesijkmhopctyxygqwhdll'],
  // Greek
  ['ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ', 'ABEZHIKMNOPTYX'],
  ['αγεικνορτυχ', 'ayeikvoptux'],
  // Latin letters that lost a dot or belong to phonetics
  ['ıɑɡ', 'iag'],
]

const LATIN = new Map(
  DOUBLES.flatMap(([script, latin]) => [...script].map((letter, at) => [letter, latin[at]!] as const)),
)

/** What is told apart only by a good font. Widening `m` and `w` keeps `rnn`, `mn` and `nm` in one reading. */
const FOLDED = new Map([
  ['i', 'l'],
  ['1', 'l'],
  ['0', 'o'],
  ['m', 'rn'],
  ['w', 'vv'],
])

/**
 * A key that two handles share when they differ only in letter case or look alike in print: l, I and 1; 0 and O; rn and
 * m; vv and w; accents, invisible characters, full-width forms, Cyrillic and Greek doubles of Latin letters. The key is
 * for comparing, not for showing, and the same key never makes two handles one: whoever looks like a lab is not the lab.
 */
export function lookAlikeKey(handle: string): string {
  const plain = handle.normalize('NFKD').replace(/[\p{M}\p{Cf}]/gu, '')
  const latin = [...plain].map(letter => LATIN.get(letter) ?? letter).join('')
  return [...latin.toLowerCase()].map(letter => FOLDED.get(letter) ?? letter).join('')
}
