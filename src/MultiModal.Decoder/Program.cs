using System.Globalization;
using MultiModal.Decoder;
using MultiModal.Decoder.Html;
using MultiModal.Decoder.Images;
using MultiModal.Decoder.ImageSharp;
using MultiModal.Decoder.Pdf;

// Reads formats whose libraries are large and whose files come from strangers. The process lives for one file, has no secret in its
// environment, and may use no more memory than its caller allows.
//   image <format> <file> <pixel file> <max pixels> <page> <max bytes of memory>
//   outline <media type> <file> <max bytes of memory>
//   shrink <media type> <file> <width> <height> <JPEG quality> <share of equal pixels that makes a flat picture> <max bytes of memory>
//   html  <file> <max characters> <max bytes of memory>
//   pdf   <file> <folder> <max pictures> <max pixels> <max characters> <whether pages can be rendered> <max bytes of memory>
try
{
    switch (args)
    {
        case ["image", var format, var file, var pixels, var maxPixels, var page, var memory]:
            MemoryLimit.Set(Number(memory));
            return (int)ImageDecoder.Run(format, file, (uint)Number(page), pixels, Number(maxPixels), Number(memory));
        case ["outline", var mediaType, var file, var memory]:
            MemoryLimit.Set(Number(memory));
            return (int)ImageOutline.Run(mediaType, file);
        case ["shrink", var mediaType, var file, var width, var height, var quality, var flatShare, var memory]:
            MemoryLimit.Set(Number(memory));
            var share = double.Parse(flatShare, CultureInfo.InvariantCulture);
            var request = new ShrinkRequest((int)Number(width), (int)Number(height), (int)Number(quality), share);
            return (int)ImageShrinker.Run(mediaType, file, request, Number(memory));
        case ["html", var file, var maxCharacters, var memory]:
            MemoryLimit.Set(Number(memory));
            return (int)HtmlReader.Run(file, (int)Number(maxCharacters));
        case ["pdf", var file, var folder, var maxPictures, var maxPixels, var maxCharacters, var renders, var memory]:
            MemoryLimit.Set(Number(memory));
            var limits = new PdfLimits((int)Number(maxPictures), Number(maxPixels), (int)Number(maxCharacters), bool.Parse(renders));
            return (int)PdfReader.Run(file, folder, limits);
        default:
            Console.Error.WriteLine("This program is started by the product itself, for one file at a time.");
            return (int)DecoderExit.Usage;
    }
}
catch (OutOfMemoryException)
{
    return (int)DecoderExit.OutOfMemory;
}

static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
