/**
 * The built-in typeface: each glyph is five columns of dots, nine rows high; bit 0 is the top row, row 6 stands on the
 * baseline, rows 7 and 8 hang below it. `glyph-mask.ts` joins neighbouring dots to strokes.
 */
export const GLYPH_COLUMNS = 5;
export const GLYPH_ROWS = 9;

/** A glyph a line: the character, then its columns in hexadecimal. */
const TABLE = `
! 0 0 5F 0 0
" 0 7 0 7 0
# 14 7F 14 7F 14
$ 24 2A 7F 2A 12
% 23 13 8 64 62
& 36 49 55 22 50
' 0 0 7 0 0
( 0 1C 22 41 0
) 0 41 22 1C 0
* 14 8 3E 8 14
+ 8 8 3E 8 8
, 0 80 60 0 0
- 8 8 8 8 8
. 0 60 60 0 0
/ 40 30 8 6 1
0 3E 41 49 41 3E
1 0 42 7F 40 0
2 42 61 51 49 46
3 22 41 49 49 36
4 18 14 12 7F 10
5 27 45 45 45 39
6 3C 4A 49 49 30
7 1 71 9 5 3
8 36 49 49 49 36
9 6 49 49 29 1E
: 0 36 36 0 0
; 0 B6 76 0 0
< 0 8 14 22 41
= 14 14 14 14 14
> 41 22 14 8 0
? 2 1 51 9 6
@ 3E 41 5D 55 1E
A 7E 11 11 11 7E
B 7F 49 49 49 36
C 3E 41 41 41 22
D 7F 41 41 41 3E
E 7F 49 49 49 41
F 7F 9 9 9 1
G 3E 41 49 49 7A
H 7F 8 8 8 7F
I 0 41 7F 41 0
J 20 40 41 3F 1
K 7F 8 14 22 41
L 7F 40 40 40 40
M 7F 2 C 2 7F
N 7F 4 8 10 7F
O 3E 41 41 41 3E
P 7F 9 9 9 6
Q 3E 41 51 21 5E
R 7F 9 19 29 46
S 46 49 49 49 31
T 1 1 7F 1 1
U 3F 40 40 40 3F
V F 30 40 30 F
W 3F 40 38 40 3F
X 63 14 8 14 63
Y 7 8 70 8 7
Z 61 51 49 45 43
[ 0 7F 41 41 0
\\ 1 6 8 30 40
] 0 41 41 7F 0
^ 4 2 1 2 4
_ 80 80 80 80 80
\` 0 1 2 4 0
a 20 54 54 54 78
b 7F 44 44 44 38
c 38 44 44 44 28
d 38 44 44 44 7F
e 38 54 54 54 18
f 8 7E 9 1 2
g 38 144 144 144 FC
h 7F 4 4 4 78
i 0 44 7D 40 0
j 0 100 104 FD 0
k 7F 10 28 44 0
l 0 41 7F 40 0
m 7C 4 78 4 78
n 7C 4 4 4 78
o 38 44 44 44 38
p 1FC 44 44 44 38
q 38 44 44 44 1FC
r 7C 8 4 4 8
s 48 54 54 54 24
t 4 3F 44 40 20
u 3C 40 40 40 7C
v 1C 20 40 20 1C
w 3C 40 30 40 3C
x 44 28 10 28 44
y 3C 140 140 140 FC
z 44 64 54 4C 44
{ 0 8 36 41 0
| 0 0 7F 0 0
} 0 41 36 8 0
~ 8 4 8 10 8
· 0 0 8 0 0
× 0 28 10 28 0
° 0 6 9 6 0
– 0 8 8 8 0
→ 8 8 2A 1C 8
█ 1FF 1FF 1FF 1FF 1FF
`;

/** What is drawn for a character that the typeface lacks: an empty box. */
const MISSING: readonly number[] = [0x7f, 0x41, 0x41, 0x41, 0x7f];

const columnsByCharacter = new Map<string, readonly number[]>([[" ", [0, 0, 0, 0, 0]]]);
for (const line of TABLE.trim().split("\n")) {
  const [character, ...columns] = line.split(" ");
  if (character !== undefined) {
    columnsByCharacter.set(
      character,
      columns.map((column) => Number.parseInt(column, 16)),
    );
  }
}

export function glyphColumns(character: string): readonly number[] {
  return columnsByCharacter.get(character) ?? MISSING;
}

export function hasGlyph(character: string): boolean {
  return columnsByCharacter.has(character);
}
