using System.ComponentModel;
using System.Diagnostics;

namespace MultiModal.Testing.Programs;

/// <summary>
/// The programs that make test files: ffmpeg, ImageMagick, exiftool (libimage-exiftool-perl), heif-enc (libheif-examples), Ghostscript.
/// </summary>
public static class Tool
{
    /// <summary>ImageMagick 7 and 6 call themselves differently.</summary>
    public static Task<string> ImageMagickAsync(params string[] arguments) => RunAsync(IsInstalled("magick") ? "magick" : "convert", arguments);

    public static Task<string> FfmpegAsync(params string[] arguments) =>
        RunAsync("ffmpeg", ["-hide_banner", "-loglevel", "error", "-nostdin", "-y", .. arguments]);

    public static Task<string> ExiftoolAsync(params string[] arguments) => RunAsync("exiftool", arguments);

    public static Task<string> HeifEncAsync(params string[] arguments) => RunAsync("heif-enc", arguments);

    public static Task<string> GhostscriptAsync(params string[] arguments) => RunAsync("gs", ["-q", "-dBATCH", "-dNOPAUSE", .. arguments]);

    /// <summary>Whether a program of this name lies on the path.</summary>
    public static bool IsInstalled(string program) => PathOf(program) is not null;

    /// <returns>Where a program of this name lies on the path; null if it does not.</returns>
    public static string? PathOf(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => new[] { Path.Combine(folder, program), Path.Combine(folder, $"{program}.exe") })
            .FirstOrDefault(File.Exists);

    /// <returns>What it wrote to its standard output.</returns>
    /// <exception cref="InvalidOperationException">It is not installed, or it failed; what it wrote to its standard error is in the
    /// message.</exception>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Start(start);
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await Task.WhenAll(output, errors, process.WaitForExitAsync());
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: ended with {process.ExitCode}. {await errors}");
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception error)
        {
            throw new InvalidOperationException($"{start.FileName} is not installed.", error);
        }
    }
}
