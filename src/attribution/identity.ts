// The words of attribution: how an unknown comm and an unknown uid are written wherever identities travel.

/** A comm is 16 kernel bytes in four little-endian words; TASK_COMM_LEN's last byte is always NUL, so no real comm is this. */
export const UNKNOWN_WORD = 0xffffffff;

/** (uid_t)-1 is the kernel's invalid uid. */
export const UNKNOWN_UID = 0xffffffff;
