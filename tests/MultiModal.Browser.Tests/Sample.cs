namespace MultiModal.Browser.Tests;

/// <summary>Files of the sample batch, which people drop.</summary>
internal static class Sample
{
    /// <summary>A picture, a recording and a note.</summary>
    public static string[] ThreeFiles { get; } = [PathOf("harbour-sign.jpg"), PathOf("recording.wav"), PathOf("note.md")];

    public static string PathOf(string name) => Repository.File("samples", "town", name);

    public static byte[] Read(string name) => File.ReadAllBytes(PathOf(name));
}
