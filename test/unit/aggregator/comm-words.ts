// Tests: bytes of a comm in, the four words that carry it out, zeroed after the first NUL as the kernel gives it.

export function commWords(comm: string | Uint8Array): Uint32Array {
  const given = typeof comm === 'string' ? Buffer.from(comm) : Buffer.from(comm);
  const nul = given.indexOf(0);
  const bytes = Buffer.alloc(16);
  given.copy(bytes, 0, 0, nul < 0 ? 16 : Math.min(nul, 16));
  return Uint32Array.from({ length: 4 }, (_, i) => bytes.readUInt32LE(i * 4));
}
