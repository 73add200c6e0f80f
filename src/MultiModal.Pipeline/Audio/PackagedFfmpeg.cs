using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Programs;

namespace MultiModal.Pipeline.Audio;

/// <summary>
/// Finds the ffmpeg and ffprobe that were deployed with the app, in the folder <c>ffmpeg</c> beside it, where the
/// configuration names no other. A deployed zip may lose the executable bit and lies on a read-only disk on Azure
/// (Azure/Azure-Functions#2537): the programs are then copied to a private temporary folder, once per process.
/// </summary>
/// <param name="appFolder">Folder of the app. Default: its base directory.</param>
public sealed class PackagedFfmpeg(string? appFolder = null) : IPostConfigureOptions<AudioOptions>
{
    private const string Folder = "ffmpeg";

    private readonly Lock copying = new();
    private string? copies;

    public void PostConfigure(string? name, AudioOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var defaults = new AudioOptions();
        if (options.FfmpegPath == defaults.FfmpegPath) options.FfmpegPath = Packaged("ffmpeg") ?? options.FfmpegPath;
        if (options.FfprobePath == defaults.FfprobePath) options.FfprobePath = Packaged("ffprobe") ?? options.FfprobePath;
    }

    private string? Packaged(string program)
    {
        var path = Path.Combine(appFolder ?? AppContext.BaseDirectory, Folder, program);
        if (!File.Exists(path)) return null;
        return ProgramRunner.Find(path) ?? ExecutableCopy(path);
    }

    private string ExecutableCopy(string path)
    {
        lock (copying)
        {
            copies ??= Directory.CreateTempSubdirectory("multimodal-ffmpeg-").FullName;
            var copy = Path.Combine(copies, Path.GetFileName(path));
            if (File.Exists(copy)) return copy;
            File.Copy(path, copy);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            return copy;
        }
    }
}
