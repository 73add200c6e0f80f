using System.Text;
using MultiModal.Pipeline.Programs;

namespace MultiModal.Pipeline.Tests.Programs;

/// <summary>The programs that make test files: ffmpeg, ImageMagick, exiftool (libimage-exiftool-perl), heif-enc (libheif-examples), Ghostscript.</summary>
internal static class Tool
{
    private static readonly ProgramRunner Runner = new(TimeProvider.System);

    /// <summary>ImageMagick 7 and 6 call themselves differently.</summary>
    public static Task<string> ImageMagick(params string[] arguments) => Run(ProgramRunner.Find("magick") is null ? "convert" : "magick", arguments);

    public static Task<string> Ffmpeg(params string[] arguments) => Run("ffmpeg", ["-hide_banner", "-loglevel", "error", "-nostdin", "-y", .. arguments]);

    public static Task<string> Exiftool(params string[] arguments) => Run("exiftool", arguments);

    public static Task<string> HeifEnc(params string[] arguments) => Run("heif-enc", arguments);

    public static Task<string> Ghostscript(params string[] arguments) => Run("gs", ["-q", "-dBATCH", "-dNOPAUSE", .. arguments]);

    private static async Task<string> Run(string program, string[] arguments)
    {
        var result = await Runner.RunAsync(new ProgramCall(program, arguments), CancellationToken.None);
        Assert.True(result.Succeeded, $"{program} {string.Join(' ', arguments)}: {result.End} {result.ExitCode} {result.Errors}");
        return Encoding.UTF8.GetString(result.Output.Span);
    }
}
