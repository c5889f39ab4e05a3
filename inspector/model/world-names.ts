/** Whether a world can have this name; the stream refuses to tell of one that cannot be, and with it of all others. */
export const isWorldName = (name: string): boolean => /^(?!\.\.?$)[\w.-]{1,64}$/.test(name)
