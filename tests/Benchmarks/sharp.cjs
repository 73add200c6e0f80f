// Shrinks a photograph with sharp: photo, output, width, height, quality, times. Prints the CPU milliseconds of each time.
const sharp = require('sharp')
const fs = require('node:fs')

const [photo, output, width, height, quality, times] = process.argv.slice(2)

async function main () {
  sharp.cache(false)
  sharp.concurrency(1)
  const figures = []
  for (let n = 0; n < Number(times) + 1; n++) {
    const before = process.cpuUsage()
    const bytes = await sharp(photo).rotate().resize(Number(width), Number(height), { fit: 'fill' }).jpeg({ quality: Number(quality) }).toBuffer()
    const used = process.cpuUsage(before)
    // The first time is not counted: it loads code.
    if (n > 0) figures.push((used.user + used.system) / 1000)
    fs.writeFileSync(output, bytes)
  }
  console.log(JSON.stringify(figures))
}

main()
