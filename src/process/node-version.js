// Plain JavaScript, like what imports it: an older Node reads nothing else.

const [leastMajor, leastMinor] = [22, 18]

/**
 * Why this program does not run on a Node, and the way out.
 *
 * @param {string} version as `process.versions.node` has it
 * @param {'checkout' | 'script' | 'package'} where in a checkout, in one of its npm scripts, or where it is installed
 * @returns {string | undefined} sentences for people; `undefined` where it runs
 */
export function whyTooOld(version, where) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return undefined
  const needed = `koodrive-backup-emulator needs Node.js ${leastMajor}.${leastMinor} or newer; this is ${version}.`
  return `${needed} ${waysOut[where]}`
}

const waysOut = {
  checkout: 'Here, npm start -- … runs it on a Node.js that npm ci brings.',
  script: 'The one that npm ci brings is missing; npm ci --include=dev --ignore-scripts=false brings it.',
  package: 'Update it, or npm install --save-dev node, which npx koodrive-backup-emulator … then runs on.',
}
