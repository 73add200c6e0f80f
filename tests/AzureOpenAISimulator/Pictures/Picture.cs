using System.Security.Cryptography;
using System.Text;

namespace AzureOpenAISimulator.Pictures;

/// <summary>A picture of eight upright bars, whose colours follow from what was asked for: the same request paints the same picture.</summary>
public sealed class Picture
{
    private const int Bars = 8;

    private readonly byte[] _colours;

    /// <param name="identity">All that shapes it, in words.</param>
    public Picture(PictureSize size, string identity)
    {
        Size = size;
        _colours = SHA256.HashData(Encoding.UTF8.GetBytes(identity));
    }

    public PictureSize Size { get; }

    /// <summary>Of which bar a column is.</summary>
    public int Bar(int column) => column * Bars / Size.Width;

    /// <summary>Red, green and blue of each bar in turn.</summary>
    public ReadOnlySpan<byte> Colours => _colours.AsSpan(0, Bars * 3);
}
