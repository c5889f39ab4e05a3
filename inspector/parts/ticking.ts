import { useEffect, useState } from 'preact/hooks'

/** The page's clock, in milliseconds, read again and again while somebody looks and something runs. */
export function useNow(isRunning: boolean, every = 200): number {
  const [now, setNow] = useState(() => performance.now())
  useEffect(() => {
    if (!isRunning) return
    const timer = setInterval(() => !document.hidden && setNow(performance.now()), every)
    return () => clearInterval(timer)
  }, [isRunning, every])
  return isRunning ? now : performance.now()
}
