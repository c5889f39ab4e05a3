// One table, in memory, in which to put on condition.
const dynalite = require('dynalite')

dynalite({ createTableMs: 0 }).listen(Number(process.argv[2]), '127.0.0.1')
