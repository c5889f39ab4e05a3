// Loaded into every measured process: tells whoever started it what it has used so far, and ends with it.
process.on('message', (message) => {
  if (message !== 'usage') return
  const { user, system } = process.cpuUsage()
  process.send({ cpu: user + system, rss: process.memoryUsage().rss })
})
process.on('disconnect', () => process.exit())
