import { endWith } from '../src/process/ending.ts'
import { torture } from './command.ts'

endWith(await torture(process.argv.slice(2), process)) // whatever a broken discipline may have left open
