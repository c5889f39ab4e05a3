// One collection, in memory; without the log and the public folder that its defaults bring.
const { create, router } = require('json-server')

const configs = Array.from({ length: 10 }, (_, index) => ({ id: String(index), value: 'v' }))
create().use(router({ configs })).listen(Number(process.argv[2]), '127.0.0.1')
