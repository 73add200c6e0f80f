using System.Text.Json.Serialization;
using MultiModal.Decoder.Html;
using MultiModal.Decoder.Images;
using MultiModal.Decoder.ImageSharp;
using MultiModal.Decoder.Pdf;

namespace MultiModal.Decoder;

/// <summary>The documents that go to standard output. The code is generated, because reflection would take a third of the start-up time.</summary>
[JsonSerializable(typeof(DecodedImage))]
[JsonSerializable(typeof(HtmlContent))]
[JsonSerializable(typeof(ImageOutline))]
[JsonSerializable(typeof(PdfContent))]
[JsonSerializable(typeof(ShrunkImage))]
public sealed partial class DecoderJson : JsonSerializerContext;
