/** Tells a listener of this process; what it throws is for whoever looks after what nobody caught. */
export function tellOf<Told>(told: Told, listener: (told: Told) => void): void {
  try {
    listener(told)
  } catch (error) {
    void Promise.reject(error)
  }
}
