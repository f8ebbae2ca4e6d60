// Written by npm run db:build from dev/schemas/characters.ts: edit there.
// Each is the inside of a regular expression's brackets, for the flag u.

/** White space of every kind, and what looks like it. */
export const SPACE_CHARACTERS: string = [
  "\\u{9}-\\u{D}\\u{20}\\u{85}\\u{A0}\\u{115F}-\\u{1160}\\u{1680}\\u{2000}-\\u{200A}\\u{2028}-\\u{2029}",
  "\\u{202F}\\u{205F}\\u{2800}\\u{3000}\\u{3164}\\u{FFA0}\\u{FFFC}\\u{13441}-\\u{13442}\\u{1D159}",
].join("");

/** What shows nothing, not even a gap: joiners, selectors, tags, direction marks, controls. */
export const IGNORABLE_CHARACTERS: string = [
  "\\u{0}-\\u{8}\\u{E}-\\u{1F}\\u{7F}-\\u{84}\\u{86}-\\u{9F}\\u{AD}\\u{34F}\\u{61C}\\u{17B4}-\\u{17B5}",
  "\\u{180B}-\\u{180F}\\u{200B}-\\u{200F}\\u{202A}-\\u{202E}\\u{2060}-\\u{206F}\\u{FDD0}-\\u{FDEF}",
  "\\u{FE00}-\\u{FE0F}\\u{FEFF}\\u{FFF0}-\\u{FFFB}\\u{FFFE}-\\u{FFFF}\\u{13430}-\\u{1343F}",
  "\\u{1BCA0}-\\u{1BCA3}\\u{1D173}-\\u{1D17A}\\u{1FFFE}-\\u{1FFFF}\\u{2FFFE}-\\u{2FFFF}",
  "\\u{3FFFE}-\\u{3FFFF}\\u{4FFFE}-\\u{4FFFF}\\u{5FFFE}-\\u{5FFFF}\\u{6FFFE}-\\u{6FFFF}",
  "\\u{7FFFE}-\\u{7FFFF}\\u{8FFFE}-\\u{8FFFF}\\u{9FFFE}-\\u{9FFFF}\\u{AFFFE}-\\u{AFFFF}",
  "\\u{BFFFE}-\\u{BFFFF}\\u{CFFFE}-\\u{CFFFF}\\u{DFFFE}-\\u{E0FFF}\\u{EFFFE}-\\u{EFFFF}",
  "\\u{FFFFE}-\\u{FFFFF}\\u{10FFFE}-\\u{10FFFF}",
].join("");

/** What is trimmed from both ends of a text: white space, and what copying leaves around it. */
export const EDGE_CHARACTERS: string = [
  "\\u{9}-\\u{D}\\u{20}\\u{85}\\u{A0}\\u{AD}\\u{61C}\\u{1680}\\u{180E}\\u{2000}-\\u{200B}",
  "\\u{200E}-\\u{200F}\\u{2028}-\\u{202C}\\u{202F}\\u{205F}-\\u{2064}\\u{2066}-\\u{206F}\\u{2800}",
  "\\u{3000}\\u{3164}\\u{FEFF}\\u{FFA0}\\u{FFFC}\\u{1BCA0}-\\u{1BCA3}\\u{1D173}-\\u{1D17A}",
].join("");

/** What no text may hold: controls, and what makes a text read as another one. */
export const CONTROL_CHARACTERS: string = [
  "\\u{0}-\\u{8}\\u{B}-\\u{C}\\u{E}-\\u{1F}\\u{7F}-\\u{9F}\\u{202A}-\\u{202E}\\u{2066}-\\u{2069}",
  "\\u{FDD0}-\\u{FDEF}\\u{FFFE}-\\u{FFFF}\\u{1FFFE}-\\u{1FFFF}\\u{2FFFE}-\\u{2FFFF}",
  "\\u{3FFFE}-\\u{3FFFF}\\u{4FFFE}-\\u{4FFFF}\\u{5FFFE}-\\u{5FFFF}\\u{6FFFE}-\\u{6FFFF}",
  "\\u{7FFFE}-\\u{7FFFF}\\u{8FFFE}-\\u{8FFFF}\\u{9FFFE}-\\u{9FFFF}\\u{AFFFE}-\\u{AFFFF}",
  "\\u{BFFFE}-\\u{BFFFF}\\u{CFFFE}-\\u{CFFFF}\\u{DFFFE}-\\u{DFFFF}\\u{EFFFE}-\\u{EFFFF}",
  "\\u{FFFFE}-\\u{FFFFF}\\u{10FFFE}-\\u{10FFFF}",
].join("");

/** Hyphens, dashes and minus signs. */
export const DASH_CHARACTERS: string = [
  "\\u{2D}\\u{58A}\\u{5BE}\\u{1400}\\u{1806}\\u{2010}-\\u{2015}\\u{2053}\\u{207B}\\u{208B}\\u{2212}",
  "\\u{2E17}\\u{2E1A}\\u{2E3A}-\\u{2E3B}\\u{2E40}\\u{2E5D}\\u{301C}\\u{3030}\\u{30A0}",
  "\\u{FE31}-\\u{FE32}\\u{FE58}\\u{FE63}\\u{FF0D}\\u{10D6E}\\u{10EAD}",
].join("");

/** Decimal digits of every script. */
export const DIGIT_CHARACTERS: string = [
  "\\u{30}-\\u{39}\\u{660}-\\u{669}\\u{6F0}-\\u{6F9}\\u{7C0}-\\u{7C9}\\u{966}-\\u{96F}\\u{9E6}-\\u{9EF}",
  "\\u{A66}-\\u{A6F}\\u{AE6}-\\u{AEF}\\u{B66}-\\u{B6F}\\u{BE6}-\\u{BEF}\\u{C66}-\\u{C6F}",
  "\\u{CE6}-\\u{CEF}\\u{D66}-\\u{D6F}\\u{DE6}-\\u{DEF}\\u{E50}-\\u{E59}\\u{ED0}-\\u{ED9}",
  "\\u{F20}-\\u{F29}\\u{1040}-\\u{1049}\\u{1090}-\\u{1099}\\u{17E0}-\\u{17E9}\\u{1810}-\\u{1819}",
  "\\u{1946}-\\u{194F}\\u{19D0}-\\u{19D9}\\u{1A80}-\\u{1A89}\\u{1A90}-\\u{1A99}\\u{1B50}-\\u{1B59}",
  "\\u{1BB0}-\\u{1BB9}\\u{1C40}-\\u{1C49}\\u{1C50}-\\u{1C59}\\u{A620}-\\u{A629}\\u{A8D0}-\\u{A8D9}",
  "\\u{A900}-\\u{A909}\\u{A9D0}-\\u{A9D9}\\u{A9F0}-\\u{A9F9}\\u{AA50}-\\u{AA59}\\u{ABF0}-\\u{ABF9}",
  "\\u{FF10}-\\u{FF19}\\u{104A0}-\\u{104A9}\\u{10D30}-\\u{10D39}\\u{10D40}-\\u{10D49}",
  "\\u{11066}-\\u{1106F}\\u{110F0}-\\u{110F9}\\u{11136}-\\u{1113F}\\u{111D0}-\\u{111D9}",
  "\\u{112F0}-\\u{112F9}\\u{11450}-\\u{11459}\\u{114D0}-\\u{114D9}\\u{11650}-\\u{11659}",
  "\\u{116C0}-\\u{116C9}\\u{116D0}-\\u{116E3}\\u{11730}-\\u{11739}\\u{118E0}-\\u{118E9}",
  "\\u{11950}-\\u{11959}\\u{11BF0}-\\u{11BF9}\\u{11C50}-\\u{11C59}\\u{11D50}-\\u{11D59}",
  "\\u{11DA0}-\\u{11DA9}\\u{11DE0}-\\u{11DE9}\\u{11F50}-\\u{11F59}\\u{16130}-\\u{16139}",
  "\\u{16A60}-\\u{16A69}\\u{16AC0}-\\u{16AC9}\\u{16B50}-\\u{16B59}\\u{16D70}-\\u{16D79}",
  "\\u{1CCF0}-\\u{1CCF9}\\u{1D7CE}-\\u{1D7FF}\\u{1E140}-\\u{1E149}\\u{1E2F0}-\\u{1E2F9}",
  "\\u{1E4F0}-\\u{1E4F9}\\u{1E5F1}-\\u{1E5FA}\\u{1E950}-\\u{1E959}\\u{1FBF0}-\\u{1FBF9}",
].join("");
