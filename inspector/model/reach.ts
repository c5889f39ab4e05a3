/** Whether a host, as it stands in an address, is this machine itself, where nobody else comes in. */
export const isLoopback = (host: string): boolean => /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(host)
