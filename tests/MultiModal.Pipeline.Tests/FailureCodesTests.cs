using System.Reflection;

namespace MultiModal.Pipeline.Tests;

public class FailureCodesTests
{
    [Fact]
    public void Every_code_is_explained_in_the_docs()
    {
        var docs = File.ReadAllText(Repository.File("docs", "errors.md"));
        var codes = typeof(FailureCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!).ToList();
        Assert.NotEmpty(codes);
        Assert.All(codes, code => Assert.Contains($"`{code}`", docs, StringComparison.Ordinal));
        Assert.All(codes, code => Assert.Matches("^[a-z]+(-[a-z]+)*$", code));
    }
}
