using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Decoding;
using MultiModal.Pipeline.Programs;

namespace MultiModal.Pipeline.Testing.Images;

/// <summary>The decoder process as hosts have it.</summary>
public static class Decoders
{
    public static DecoderProcess Usual { get; } = With(new DecoderOptions());

    public static DecoderProcess With(DecoderOptions options) => new(new ProgramRunner(TimeProvider.System), Options.Create(options));
}
