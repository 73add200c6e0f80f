using MultiModal.Decoder;

namespace MultiModal.Pipeline.Decoding;

/// <summary>How a decoder process ended by itself.</summary>
internal sealed record DecoderResult(DecoderExit Exit, ReadOnlyMemory<byte> Output);
