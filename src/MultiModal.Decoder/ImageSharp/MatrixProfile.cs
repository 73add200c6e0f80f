using System.Buffers.Binary;
using System.Numerics;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace MultiModal.Decoder.ImageSharp;

/// <summary>
/// An RGB colour profile of three curves and a matrix (ICC.1:2022, section 8.3.3), such as Display P3, Adobe RGB and nearly all profiles
/// of cameras and screens. ImageSharp 2 preserves profiles but does not apply them.
/// </summary>
internal sealed class MatrixProfile
{
    private const int HeaderLength = 128;
    private const int TagLength = 12;
    private const int Samples = 256;

    /// <summary>
    /// Matrix from the profile connection space (XYZ under D50) to linear sRGB: the inverse of the matrix in sRGB's own ICC profile.
    /// </summary>
    private static readonly Matrix4x4 ToLinearSrgb = Invert(new(
        0.4360747f, 0.2225045f, 0.0139322f, 0,
        0.3850649f, 0.7168786f, 0.0971045f, 0,
        0.1430804f, 0.0606169f, 0.7141733f, 0,
        0, 0, 0, 1));

    private readonly float[][] curves;
    private readonly Matrix4x4 toLinearSrgb;

    private MatrixProfile(float[][] curves, Matrix4x4 toXyz)
    {
        this.curves = curves;
        toLinearSrgb = toXyz * ToLinearSrgb;
    }

    /// <returns>The profile; null if it is of another kind or broken, in which case colours are left as they are.</returns>
    public static MatrixProfile? TryRead(ReadOnlySpan<byte> profile)
    {
        if (profile.Length < HeaderLength + 4 || !profile[16..20].SequenceEqual("RGB "u8) || !profile[20..24].SequenceEqual("XYZ "u8)) return null;
        if (Column(Tag(profile, "rXYZ"u8)) is not { } red) return null;
        if (Column(Tag(profile, "gXYZ"u8)) is not { } green) return null;
        if (Column(Tag(profile, "bXYZ"u8)) is not { } blue) return null;
        if (Curve(Tag(profile, "rTRC"u8)) is not { } r) return null;
        if (Curve(Tag(profile, "gTRC"u8)) is not { } g) return null;
        if (Curve(Tag(profile, "bTRC"u8)) is not { } b) return null;
        return new MatrixProfile([r, g, b], new Matrix4x4(
            red.X, red.Y, red.Z, 0,
            green.X, green.Y, green.Z, 0,
            blue.X, blue.Y, blue.Z, 0,
            0, 0, 0, 1));
    }

    public void ConvertToSrgb(Image<Rgba32> image) => image.ProcessPixelRows(rows =>
    {
        for (var y = 0; y < rows.Height; y++)
        {
            foreach (ref var pixel in rows.GetRowSpan(y))
            {
                var linear = Vector3.Transform(new Vector3(curves[0][pixel.R], curves[1][pixel.G], curves[2][pixel.B]), toLinearSrgb);
                (pixel.R, pixel.G, pixel.B) = (Encode(linear.X), Encode(linear.Y), Encode(linear.Z));
            }
        }
    });

    /// <summary>The transfer function of IEC 61966-2-1.</summary>
    private static byte Encode(float linear)
    {
        var clamped = Math.Clamp(linear, 0, 1);
        var encoded = clamped <= 0.0031308f ? 12.92f * clamped : (1.055f * MathF.Pow(clamped, 1 / 2.4f)) - 0.055f;
        return (byte)MathF.Round(encoded * byte.MaxValue);
    }

    private static ReadOnlySpan<byte> Tag(ReadOnlySpan<byte> profile, ReadOnlySpan<byte> signature)
    {
        var count = Math.Min(BinaryPrimitives.ReadUInt32BigEndian(profile[HeaderLength..]), (uint)(profile.Length - HeaderLength - 4) / TagLength);
        for (var i = 0; i < count; i++)
        {
            var entry = profile.Slice(HeaderLength + 4 + (i * TagLength), TagLength);
            if (!entry[..4].SequenceEqual(signature)) continue;
            var (offset, length) = (BinaryPrimitives.ReadUInt32BigEndian(entry[4..]), BinaryPrimitives.ReadUInt32BigEndian(entry[8..]));
            return (ulong)offset + length <= (ulong)profile.Length ? profile.Slice((int)offset, (int)length) : [];
        }

        return [];
    }

    private static Vector3? Column(ReadOnlySpan<byte> tag) => tag.Length >= 20 && tag[..4].SequenceEqual("XYZ "u8)
        ? new Vector3(Fixed(tag[8..]), Fixed(tag[12..]), Fixed(tag[16..]))
        : null;

    /// <summary>Converts a tone curve into a table from each of 256 values to linear light.</summary>
    private static float[]? Curve(ReadOnlySpan<byte> tag)
    {
        if (tag.Length < 12) return null;
        if (tag[..4].SequenceEqual("curv"u8))
        {
            var count = BinaryPrimitives.ReadUInt32BigEndian(tag[8..]);
            if (count > (uint)(tag.Length - 12) / 2) return null;
            var points = tag.Slice(12, (int)count * 2);
            return count switch
            {
                0 => Sampled(x => x),
                1 => Gamma(BinaryPrimitives.ReadUInt16BigEndian(points) / 256f),
                _ => Interpolated(points),
            };
        }

        return tag[..4].SequenceEqual("para"u8) ? Parametric(tag) : null;
    }

    /// <summary>Evaluates the parametric curves of ICC.1:2022, table 68.</summary>
    private static float[]? Parametric(ReadOnlySpan<byte> tag)
    {
        int[] parameters = [1, 3, 4, 5, 7];
        var kind = BinaryPrimitives.ReadUInt16BigEndian(tag[8..]);
        if (kind >= parameters.Length || tag.Length < 12 + (parameters[kind] * 4)) return null;
        var p = new float[7];
        for (var i = 0; i < parameters[kind]; i++) p[i] = Fixed(tag[(12 + (i * 4))..]);
        var (g, a, b, c, d, e, f) = (p[0], p[1], p[2], p[3], p[4], p[5], p[6]);
        return kind switch
        {
            0 => Gamma(g),
            1 => Sampled(x => x >= -b / a ? MathF.Pow((a * x) + b, g) : 0),
            2 => Sampled(x => x >= -b / a ? MathF.Pow((a * x) + b, g) + c : c),
            3 => Sampled(x => x >= d ? MathF.Pow((a * x) + b, g) : c * x),
            _ => Sampled(x => x >= d ? MathF.Pow((a * x) + b, g) + e : (c * x) + f),
        };
    }

    private static float[] Gamma(float gamma) => Sampled(x => MathF.Pow(x, gamma));

    private static float[] Interpolated(ReadOnlySpan<byte> points)
    {
        var values = new float[points.Length / 2];
        for (var i = 0; i < values.Length; i++) values[i] = BinaryPrimitives.ReadUInt16BigEndian(points[(i * 2)..]) / (float)ushort.MaxValue;
        return Sampled(x =>
        {
            var place = x * (values.Length - 1);
            var below = Math.Min((int)place, values.Length - 2);
            return float.Lerp(values[below], values[below + 1], place - below);
        });
    }

    private static float[] Sampled(Func<float, float> curve)
    {
        var samples = new float[Samples];
        for (var i = 0; i < Samples; i++) samples[i] = curve(i / (float)(Samples - 1));
        return samples;
    }

    private static float Fixed(ReadOnlySpan<byte> s15Fixed16) => BinaryPrimitives.ReadInt32BigEndian(s15Fixed16) / 65536f;

    private static Matrix4x4 Invert(Matrix4x4 matrix) =>
        Matrix4x4.Invert(matrix, out var inverse) ? inverse : throw new ArgumentException("The matrix has no inverse.", nameof(matrix));
}
