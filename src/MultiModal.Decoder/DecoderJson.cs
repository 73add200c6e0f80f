using System.Text.Json.Serialization;
using MultiModal.Decoder.Images;
using MultiModal.Decoder.ImageSharp;
using MultiModal.Decoder.Pdf;

namespace MultiModal.Decoder;

/// <summary>What travels over standard output; generated code, since reflection would cost a third of the start.</summary>
[JsonSerializable(typeof(DecodedImage))]
[JsonSerializable(typeof(ImageOutline))]
[JsonSerializable(typeof(PdfContent))]
[JsonSerializable(typeof(ShrunkImage))]
public sealed partial class DecoderJson : JsonSerializerContext;
