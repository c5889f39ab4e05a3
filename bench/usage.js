// Loaded into every measured process: tells whoever started it how much CPU time and memory it has used, and ends with it.
process.on('message', (message) => {
  if (message !== 'usage') return
  const { user, system } = process.cpuUsage()
  process.send({ cpu: user + system, rss: process.memoryUsage().rss })
})
process.on('disconnect', () => process.exit())
