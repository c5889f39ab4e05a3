/** Addresses of files that are made with the page, relative to the script that imports them. */
declare module 'made:stream.worker.js' {
  const address: string
  export default address
}
declare module 'made:sprite.svg' {
  const address: string
  export default address
}
declare module 'made:licences.txt' {
  const address: string
  export default address
}
