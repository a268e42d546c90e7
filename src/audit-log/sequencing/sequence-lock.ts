/** Whose turn it is. Any constant would do; it only has to be the same in every instance ("sequence" in hex, shortened). */
export const SEQUENCE_LOCK = 0x73657175656e;
